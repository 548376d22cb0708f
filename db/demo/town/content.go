package town

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"veche/domain/publics"
)

//go:embed content/*.toml content/publics/*.toml
var files embed.FS

// place is somewhere in the town, in the cases a sentence needs.
type place struct {
	Name  string // Мельничная улица
	Of    string // Мельничной улицы
	At    string // на Мельничной улице
	To    string // на Мельничную улицу
	Along string // по Мельничной улице
}

func (p place) form(name string) (string, bool) {
	switch name {
	case "name":
		return p.Name, true
	case "of":
		return p.Of, true
	case "at":
		return p.At, true
	case "to":
		return p.To, true
	case "acc":
		_, accusative, found := strings.Cut(p.To, " ")
		return accusative, found
	case "along":
		return p.Along, true
	}
	return "", false
}

// plot is what a post can be about. It is told Times times, with other words and
// in other places.
type plot struct {
	Kind       string
	Times      int
	Titles     []string
	Paragraphs []string
	// Threads are comments with their replies; a reply that begins with "@" is
	// given by the public.
	Threads [][]string
}

type publicContent struct {
	Slug  string
	Name  string
	About string
	Plots []plot `toml:"plot"`
}

type pollContent struct {
	Topic       string
	Question    string
	Description string
	Opens       float64 // hours from now, see appointed
	Closes      float64 // hours from now
	Turnout     float64 // share of the electorate that has voted
	Options     []struct {
		Text   string
		Weight float64
	}
}

// talkContent is what people say under any post.
type talkContent struct {
	Any                   []string
	News, Article, Notice []string // under one of these
	Answers               []string // to each other
}

// under is what may be said under a post of a kind.
func (t talkContent) under(kind publics.Kind) []string {
	switch kind {
	case publics.News:
		return slices.Concat(t.Any, t.News)
	case publics.Article:
		return slices.Concat(t.Any, t.Article)
	}
	return slices.Concat(t.Any, t.Notice)
}

// content is everything written by hand.
type content struct {
	Town      string
	Streets   []place
	Districts []place

	Men         []string
	Women       []string
	Patronymics []string
	Surnames    []string

	Publics []publicContent
	Polls   []pollContent

	Talk talkContent
	Held []heldContent

	turns turns
}

// publicFiles says in which order publics get their ids: «Двор и улица» is the
// first.
var publicFiles = []string{"dvor", "biblioteka", "dvizhenie", "voda-i-teplo", "peremena", "park", "mayak"}

func load() (content, error) {
	c := content{turns: turns{}}
	var places struct {
		Town      string
		Streets   []place `toml:"street"`
		Districts []place `toml:"district"`
	}
	var names struct{ Men, Women, Patronymics, Surnames []string }
	var polls struct {
		Polls []pollContent `toml:"poll"`
	}
	var held struct{ Held []heldContent }
	for name, into := range map[string]any{"places": &places, "names": &names, "polls": &polls, "talk": &c.Talk, "held": &held} {
		if err := read(name, into); err != nil {
			return c, err
		}
	}
	c.Town, c.Streets, c.Districts = places.Town, places.Streets, places.Districts
	c.Men, c.Women, c.Patronymics, c.Surnames = names.Men, names.Women, names.Patronymics, names.Surnames
	c.Polls, c.Held = polls.Polls, held.Held
	for _, name := range publicFiles {
		var p publicContent
		if err := read("publics/"+name, &p); err != nil {
			return c, err
		}
		c.Publics = append(c.Publics, p)
	}
	return c, nil
}

func read(name string, into any) error {
	text, err := files.Open(path.Join("content", name+".toml"))
	if err != nil {
		return fmt.Errorf("open the town's %s: %w", name, err)
	}
	defer func() { _ = text.Close() }()
	if err := toml.NewDecoder(text).DisallowUnknownFields().Decode(into); err != nil {
		return fmt.Errorf("read the town's %s: %w", name, err)
	}
	return nil
}

// oneLine joins the lines of a text that was broken for reading.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
