// Package ui holds the parts pages are made of: buttons, fields, cards, bars,
// charts. They are few and typed; the style guide at /styleguide shows each in
// every state.
//
// Parts decide presentation only. What they say comes in as words already in the
// reader's language; their own few sentences are in ui.ru.toml and ui.en.toml.
package ui

import (
	"context"

	"github.com/a-h/templ"

	"veche/domain/event"
	"veche/views/words"
)

// Tone says what a tag, notice or number means; the colour is never the only
// sign of it.
type Tone string

// The tones. Neutral is the zero value.
const (
	Neutral Tone = ""
	Info    Tone = "info"
	Good    Tone = "good"
	Warn    Tone = "warn"
	Bad     Tone = "bad"
)

// icon is the sign that goes with the tone where words alone would be dry.
func (t Tone) icon() string {
	switch t {
	case Good:
		return "circle-check"
	case Warn:
		return "triangle-alert"
	case Bad:
		return "circle-alert"
	}
	return "info"
}

// Live makes an element a live region: spread it on the root element of the
// region's component. Version, state and pass are left out where the stamp has
// none, as in frames, which many pages share.
func Live(stamp event.Stamp) templ.Attributes {
	attrs := templ.Attributes{
		"id":        stamp.Region.ElementID(),
		"data-live": string(stamp.Region),
	}
	if stamp.Version != "" {
		attrs["data-version"] = stamp.Version
	}
	if stamp.State != "" {
		attrs["data-state"] = stamp.State
	}
	if stamp.Pass != "" {
		attrs["data-pass"] = stamp.Pass
	}
	return attrs
}

// CSRFField is the name of the form field, and CSRFHeader of the request header,
// that carry the token against forged requests.
const (
	CSRFField  = "csrf"
	CSRFHeader = "X-CSRF-Token"
)

type csrfKey struct{}

// WithCSRF hands the token to every form drawn under ctx.
func WithCSRF(ctx context.Context, token string) context.Context {
	return context.WithValue(ctx, csrfKey{}, token)
}

func csrfToken(ctx context.Context) string {
	token, _ := ctx.Value(csrfKey{}).(string)
	return token
}

// Forms are the plural forms of a sentence as data attributes for live.js:
// data-text-<name>-one, -few, -many and -other, with "{n}" for the number.
func Forms(ctx context.Context, name, id string) templ.Attributes {
	attrs := templ.Attributes{}
	for form, sentence := range words.Forms(ctx, id) {
		attrs["data-text-"+name+"-"+form] = sentence
	}
	return attrs
}
