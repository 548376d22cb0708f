package publics

// What pages and drawers ask of long tables.
const (
	SelectThreads = selectThreads
	SelectHeads   = selectHeads
	SelectOwnOf   = selectOwnOf
	SelectOwn     = selectOwn
)
