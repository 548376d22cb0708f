package statistics

import (
	"time"

	"veche/domain/publics"
	"veche/domain/statistics"
)

// OpenedTwice has a recorder keep that a reader opened a post at one time, which it
// could not save, and again at another. It answers what is saved later.
func (r *Recorder) OpenedTwice(post publics.PostID, reader statistics.Reader, first, again time.Time) (opened, sign time.Time) {
	v := visit{post, reader}
	unsaved := newBatch()
	unsaved.opened[v] = first
	r.batch.opened[v] = again
	r.keep(unsaved)
	return r.batch.opened[v], r.batch.signs[v]
}
