package publics_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"veche/domain/publics"
)

func TestKinds(t *testing.T) {
	t.Parallel()
	for _, kind := range publics.Kinds {
		if got, ok := publics.ParseKind(string(kind)); !ok || got != kind {
			t.Errorf("%q is read as %q, %v", kind, got, ok)
		}
	}
	for _, s := range []string{"", "новости", "NEWS", "poll"} {
		if got, ok := publics.ParseKind(s); ok || got != "" {
			t.Errorf("%q is taken for the kind %q", s, got)
		}
	}
}

func TestValidSlug(t *testing.T) {
	t.Parallel()
	for slug, want := range map[string]bool{
		"dvor":                  true,
		"voda-i-teplo":          true,
		"p2":                    true,
		"":                      false,
		"d":                     false,
		"2dvor":                 false,
		"-dvor":                 false,
		"Dvor":                  false,
		"двор":                  false,
		"dvor\xff":              false,
		string(make([]byte, 8)): false,
		"a0123456789012345678901234567890123456789": false,
	} {
		if got := publics.ValidSlug(slug); got != want {
			t.Errorf("%q: %v, want %v", slug, got, want)
		}
	}
}

func TestParagraphs(t *testing.T) {
	t.Parallel()
	post := publics.Post{Body: "Раз.\n\n Два,\nи ещё.\n\n\n\nТри.\n"}
	want := []string{"Раз.", "Два,\nи ещё.", "Три."}
	if got := post.Paragraphs(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := (publics.Post{}).Paragraphs(); len(got) != 0 {
		t.Errorf("an empty body has %q", got)
	}
}

func TestExcerptEndsAtAWord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		opening string
		n       int
		want    string
	}{
		{"Короткое начало.", 40, "Короткое начало."},
		{"Двор проснулся рано", 8, "Двор…"},
		{"Двор — это мы, соседи", 7, "Двор…"},
		{"Двор, улица и дом", 6, "Двор…"},
		{"Сверхдлинноеслово", 5, "Сверх…"},
	} {
		if got := (publics.Summary{Opening: c.opening}).Excerpt(c.n); got != c.want {
			t.Errorf("%q cut to %d: %q, want %q", c.opening, c.n, got, c.want)
		}
	}
}

func TestSignature(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		comment             publics.Comment
		signature, initials string
	}{
		{publics.Comment{Author: "Анна Сергеевна Лебедева"}, "Анна Лебедева", "АЛ"},
		{publics.Comment{Author: "Анна Лебедева"}, "Анна Лебедева", "АЛ"},
		{publics.Comment{Author: "Анна"}, "Анна", "А"},
		{publics.Comment{Author: ""}, "", ""},
		{publics.Comment{Author: "Парк «Сорочья роща» города", Official: true}, "Парк «Сорочья роща» города", "ПГ"},
	} {
		if got := c.comment.Signature(); got != c.signature {
			t.Errorf("%q signs as %q", c.comment.Author, got)
		}
		if got := c.comment.Initials(); got != c.initials {
			t.Errorf("%q has the initials %q", c.comment.Author, got)
		}
	}
}

func TestPlaceIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	for _, place := range []publics.Place{
		{At: time.Date(2026, 11, 21, 12, 0, 0, 123456000, time.UTC), ID: 7},
		{At: time.UnixMicro(0).UTC(), ID: math.MaxInt64},
		publics.Start(),
	} {
		got := publics.ParsePlace(place.String())
		if !got.At.Equal(place.At) || got.ID != place.ID {
			t.Errorf("%v is read as %v", place, got)
		}
	}
}

func FuzzParsePlace(f *testing.F) {
	for _, s := range []string{"1795435200123456.7", "", ".", "1.", ".1", "-1.1", "1.-1", "9999999999999999999.1", "1.2.3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		place := publics.ParsePlace(s)
		if place.ID <= 0 || place.At.Year() < 1970 || place.At.Year() > 9999 {
			t.Errorf("%q is read as %v", s, place)
		}
		if again := publics.ParsePlace(place.String()); again.ID != place.ID || again.At.UnixMicro() != place.At.UnixMicro() {
			t.Errorf("%v is read as %v", place, again)
		}
	})
}

func FuzzValidSlug(f *testing.F) {
	f.Add("dvor")
	f.Add("voda-i-teplo")
	f.Fuzz(func(t *testing.T, s string) {
		if !publics.ValidSlug(s) {
			return
		}
		for _, c := range s {
			if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
				t.Errorf("%q holds %q", s, c)
			}
		}
	})
}

func TestRegionsAreValid(t *testing.T) {
	t.Parallel()
	if r := publics.CountsOf(7); !r.Valid() || r.ElementID() != "post-7-counts" {
		t.Error(r)
	}
	if r := publics.CommentOf(7, 991); !r.Valid() || r.ElementID() != "post-7-comment-991" {
		t.Error(r)
	}
}
