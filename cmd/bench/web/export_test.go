package web

// Tap stands before a database, for tests.
func Tap(address string) (*Wire, string, error) {
	w, through, err := tap(address)
	return (*Wire)(w), through, err
}

// Wire counts what a database is told.
type Wire wire

// Counted is how many statements and round trips there were.
func (w *Wire) Counted() (statements, trips int64) { return w.statements.Load(), w.trips.Load() }

// Close ends it.
func (w *Wire) Close() { (*wire)(w).close() }
