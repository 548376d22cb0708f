package event

// UnknownVersion is the version of a topic while Redis cannot be asked. It
// matches nothing, itself included.
const UnknownVersion = "?"

// Stamp is what a drawn region carries in its element. Version answers whether
// anything changed since it was drawn, State whether it is newer than what the
// page shows. Pass proves that the page was allowed to show it; it is written
// when a page is rendered and absent from frames, which many pages share.
type Stamp struct {
	Region  Region
	Version string
	State   string
	Pass    string
}
