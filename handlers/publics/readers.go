package publics

import (
	"github.com/a-h/templ"

	"veche/domain/publics"
	"veche/handlers"
)

// Readers hears who opens the page of a post, and answers what the page shows of
// those who read it.
type Readers interface {
	Opened(c *handlers.Ctx, public string, post publics.PostID) templ.Component
}

// ReadBy names who hears of readers. Without it nobody does.
func (h *Handler) ReadBy(readers Readers) { h.readers = readers }

func (h *Handler) opened(c *handlers.Ctx, public string, post publics.PostID) templ.Component {
	if h.readers == nil {
		return handlers.Nothing
	}
	return h.readers.Opened(c, public, post)
}
