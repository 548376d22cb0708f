// Package words speaks to people: every sentence the portal shows comes from its
// catalogues, and numbers, dates and plurals are written here the way people in
// Russia write them, or the way English readers expect.
//
// A catalogue is one file per area and language, polls.ru.toml beside
// polls.en.toml, whose nested tables give ids such as "polls.open". Russian is
// written first and English is complete: the tests of this package compare them,
// and look for ids that no code uses and code that uses no id.
//
// Language and time zone travel in the context, because they belong to the
// reader and not to the thing drawn.
package words

import (
	"context"
	"fmt"
	"strings"
	"time"

	"veche/domain/problem"
)

// Lang is a language of the portal, written as in the lang attribute.
type Lang string

// The languages of the portal. The first is the one to fall back to.
const (
	Russian Lang = "ru"
	English Lang = "en"
)

// Langs lists the languages in the order in which a switch offers them.
var Langs = []Lang{Russian, English}

// Valid says whether the portal speaks l.
func (l Lang) Valid() bool { return l == Russian || l == English }

type langKey struct{}

type zoneKey struct{}

// With sets the language of everything drawn under ctx. A language the portal
// does not speak leaves ctx as it is.
func With(ctx context.Context, lang Lang) context.Context {
	if !lang.Valid() {
		return ctx
	}
	return context.WithValue(ctx, langKey{}, lang)
}

// Of is the language of ctx, Russian when nobody set one.
func Of(ctx context.Context) Lang {
	if lang, ok := ctx.Value(langKey{}).(Lang); ok {
		return lang
	}
	return Russian
}

// WithZone sets the time zone in which times are written under ctx.
func WithZone(ctx context.Context, zone *time.Location) context.Context {
	if zone == nil {
		return ctx
	}
	return context.WithValue(ctx, zoneKey{}, zone)
}

// Zone is the time zone of ctx, UTC when nobody set one.
func Zone(ctx context.Context) *time.Location {
	if zone, ok := ctx.Value(zoneKey{}).(*time.Location); ok {
		return zone
	}
	return time.UTC
}

// T is the sentence with the given id, in the language of ctx. Pairs are names
// and values for its {{.Name}} placeholders; integers among the values are
// written as Number writes them, so that a year or a code has to be passed as a
// string; problem.Sentences are said one after the other. An id without a sentence
// comes back as it is.
func T(ctx context.Context, id string, pairs ...any) string {
	return say(Of(ctx), id, nil, values(ctx, pairs))
}

// N is T with a count: it chooses the plural form and fills {{.Count}}.
func N(ctx context.Context, id string, count int, pairs ...any) string {
	data := values(ctx, pairs)
	data["Count"] = Number(ctx, count)
	return say(Of(ctx), id, count, data)
}

// Forms gives every plural form of a sentence under its CLDR name ("one", "few",
// "many", "other"), with "{n}" where the number belongs. It is for scripts,
// which hold no sentences of their own.
func Forms(ctx context.Context, id string) map[string]string {
	lang := Of(ctx)
	forms := make(map[string]string, len(sampleCounts))
	for form, count := range sampleCounts {
		forms[form] = say(lang, id, count, map[string]any{"Count": "{n}"})
	}
	if lang == English {
		delete(forms, "few")
		delete(forms, "many")
	}
	return forms
}

// sampleCounts holds a number that asks for each plural form of Russian; the
// fraction is a string, as go-i18n wants it.
var sampleCounts = map[string]any{"one": 1, "few": 2, "many": 5, "other": "1.5"}

func values(ctx context.Context, pairs []any) map[string]any {
	data := make(map[string]any, len(pairs)/2+1)
	for i := 0; i+1 < len(pairs); i += 2 {
		name := fmt.Sprint(pairs[i])
		switch value := pairs[i+1].(type) {
		case int:
			data[name] = Number(ctx, value)
		case int64:
			data[name] = Number(ctx, value)
		case problem.Sentences:
			said := make([]string, len(value))
			for i, id := range value {
				said[i] = T(ctx, id)
			}
			data[name] = strings.Join(said, " ")
		default:
			data[name] = value
		}
	}
	return data
}
