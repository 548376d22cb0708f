package publics_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"veche/domain/publics"
	view "veche/views/publics"
	"veche/views/words"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var (
	noon = time.Date(2026, 11, 21, 12, 30, 0, 0, time.FixedZone("MSK", 3*60*60))

	dvor = publics.Public{ID: 1, Slug: "dvor", Name: "Двор и улица", About: "Скамейки и фонари.", Posts: 1203}
	park = publics.Public{ID: 2, Slug: "park", Name: "Парк", About: "Пруд & гусь.", Posts: 1}

	lamps = publics.Summary{
		ID: 7, Kind: publics.News, Title: "Зажглись фонари", Opening: "Вчера <вечером> включили свет.",
		PublishedAt: noon, Likes: 1203, Comments: 3,
	}
	road = publics.Summary{
		ID: 6, Kind: publics.Notice, Title: "Меняем асфальт", Opening: strings.Repeat("Уберите машины. ", 30),
		PublishedAt: noon.Add(-24 * time.Hour), Likes: 1, Comments: 0,
	}
	post = publics.Post{Summary: lamps, Body: "Вчера <вечером> включили свет.\n\nДатчик сам решает, когда темно."}

	asked = publics.Comment{ID: 990, Author: "Анна Сергеевна Лебедева", Body: "А у <b>нас</b>?\n\nТемно же.", CreatedAt: noon.Add(time.Hour)}
	told  = publics.Comment{ID: 991, Author: "Двор и улица", Official: true, Body: "Скоро и у вас.", CreatedAt: noon.Add(2 * time.Hour)}
	short = publics.Comment{ID: 985, Author: "Борис Ильич Громов", Body: "Дело.", CreatedAt: noon.Add(30 * time.Minute)}
)

func TestViews(t *testing.T) {
	t.Parallel()
	sheet := view.Sheet{
		Public: dvor,
		Post:   post,
		Threads: []publics.Thread{
			{Comment: asked, Replies: []publics.Comment{told}, More: true},
			{Comment: short},
		},
		Next: 985,
	}
	for name, component := range map[string]templ.Component{
		"directory":       view.DirectoryPage(view.Directory{Publics: []publics.Public{dvor, park}, Next: "park"}),
		"directory-empty": view.DirectoryPage(view.Directory{}),
		"wall":            view.WallPage(view.Wall{Public: dvor, Posts: []publics.Summary{lamps, road}, Next: road.Place().String()}),
		"wall-notices":    view.WallPage(view.Wall{Public: dvor, Kind: publics.Notice, Posts: []publics.Summary{road}, Next: "1.1"}),
		"wall-empty":      view.WallPage(view.Wall{Public: park, Kind: publics.Article}),
		"post":            view.PostPage(sheet),
		"post-silent":     view.PostPage(view.Sheet{Public: dvor, Post: post}),
		"talk":            view.TalkPage(view.Talk{Public: dvor, Post: post, Comment: asked, Replies: []publics.Comment{told}, Next: 991}),
		"talk-silent":     view.TalkPage(view.Talk{Public: dvor, Post: post, Comment: short}),
		"card":            view.Card(publics.Latest{Summary: road, Slug: "dvor", Name: "Двор и улица"}),
	} {
		for _, lang := range words.Langs {
			t.Run(name+"."+string(lang), func(t *testing.T) {
				t.Parallel()
				ctx := words.WithZone(words.With(context.Background(), lang), noon.Location())
				golden(t, name+"."+string(lang)+".html", draw(t, ctx, component))
			})
		}
	}
}

var drawing = regexp.MustCompile(`(?s)<svg .*?</svg>`)

func draw(t *testing.T, ctx context.Context, component templ.Component) string {
	t.Helper()
	var html bytes.Buffer
	if err := component.Render(ctx, &html); err != nil {
		t.Fatal(err)
	}
	// Drawings come from npm and are not what is tested; one tag a line shows a
	// change as a line of its own.
	return strings.ReplaceAll(drawing.ReplaceAllString(html.String(), "<svg/>"), "><", ">\n<") + "\n"
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; after a look at the change, rewrite it with -update:\n%s", name, got)
	}
}

func TestWhatPeopleWroteIsEscaped(t *testing.T) {
	t.Parallel()
	html := draw(t, context.Background(), view.PostPage(view.Sheet{
		Public:  dvor,
		Post:    post,
		Threads: []publics.Thread{{Comment: asked}},
	}))
	for _, raw := range []string{"<вечером>", "<b>"} {
		if strings.Contains(html, raw) {
			t.Errorf("%s stands in the page as markup", raw)
		}
	}
	if !strings.Contains(html, "&lt;b&gt;нас&lt;/b&gt;") {
		t.Error("the comment is not shown as it was written")
	}
}
