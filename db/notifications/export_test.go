package notifications

// What every page of a person asks.
var (
	SelectUnread = selectUnread
	SelectPage   = selectPage
	SelectNewest = selectNewest
)
