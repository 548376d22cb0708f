package handlers

import (
	"context"
	"crypto/rand"
	"io"
	"strconv"

	"github.com/a-h/templ"

	"veche/domain/problem"
	view "veche/views/problems"
	"veche/views/words"
)

// NewKey makes the idempotency key of a form: sent twice, the form acts once.
func NewKey() string { return rand.Text() }

// maxKey bounds a key that comes back from a page.
const maxKey = 64

// ParseKey takes a form's key as it came back. What no page of the portal wrote
// is no key: the form then simply cannot be told from another.
func ParseKey(sent string) string {
	if len(sent) > maxKey {
		return ""
	}
	for i := range len(sent) {
		c := sent[i]
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return ""
		}
	}
	return sent
}

// ParseID reads the key of a row, as it stands in an address, a form or the name of a
// region. What is none is 0, the key of no row.
func ParseID[ID ~int64](s string) ID {
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || id < 0 {
		return 0
	}
	return ID(id)
}

// Nothing empties the element it is filled into.
var Nothing = templ.ComponentFunc(func(context.Context, io.Writer) error { return nil })

// Trouble tells of a problem above the content of the page the person is on.
func (c *Ctx) Trouble(p *problem.Error) templ.Component {
	ctx := c.Context()
	return Fill("problem", view.Notice(view.Problem{
		Title:  words.T(ctx, "problems.title."+string(p.Kind)),
		Text:   words.T(ctx, p.Message, p.Values...),
		SignIn: signInFor(c, p),
	}))
}
