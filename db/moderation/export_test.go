package moderation

// What every page of the queue asks.
const (
	SelectPage   = selectPage
	SelectNewest = selectNewest
	SelectFree   = selectFree
)
