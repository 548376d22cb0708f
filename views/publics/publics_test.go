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

	"veche/domain/event"
	"veche/domain/moderation"
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

	asked = publics.Comment{ID: 990, Turn: 90, Author: "Анна Сергеевна Лебедева", Body: "А у <b>нас</b>?\n\nТемно же.", CreatedAt: noon.Add(time.Hour)}
	told  = publics.Comment{ID: 991, Turn: 91, Author: "Двор и улица", Official: true, Body: "Скоро и у вас.", CreatedAt: noon.Add(2 * time.Hour)}
	short = publics.Comment{ID: 985, Turn: 85, Author: "Борис Ильич Громов", Body: "Дело.", CreatedAt: noon.Add(30 * time.Minute)}
)

func said(c publics.Comment, thread publics.CommentID) view.Said {
	return view.Said{Slug: "dvor", Post: 7, Thread: thread, Comment: c, Stamp: event.Stamp{Region: publics.CommentOf(7, c.ID)}}
}

func head(turns ...int64) *view.Head {
	return &view.Head{Slug: "dvor", Post: 7, Turns: turns, Stamp: event.Stamp{Region: publics.HeadOf(7)}}
}

// part is what Anna does under the post.
func part(liked bool, own ...publics.Own) *view.Part {
	return &view.Part{
		Like: view.Like{Slug: "dvor", Post: 7, Reaction: view.Reaction{
			Liked: liked,
			Stamp: event.Stamp{Region: publics.OwnReactionOf("ANNA", 7)},
		}},
		Own:  view.OwnComments{Slug: "dvor", Post: 7, Comments: own, Stamp: event.Stamp{Region: publics.OwnCommentsOf("ANNA", 7)}},
		Form: view.Form{Slug: "dvor", Post: 7, Request: "KEY", Newest: true, Answer: "comments-ANNA-post-7"},
	}
}

func TestViews(t *testing.T) {
	t.Parallel()
	sheet := view.Sheet{
		Public: dvor,
		Post:   post,
		Threads: []view.Thread{
			{Said: said(asked, asked.ID), Replies: []view.Said{said(told, asked.ID)}, More: true},
			{Said: said(short, short.ID)},
		},
		Next:   85,
		Counts: event.Stamp{Region: publics.CountsOf(7)},
		SignIn: "/sign-in?next=%2Fpublics%2Fdvor%2Fposts%2F7",
	}
	silent := view.Sheet{Public: dvor, Post: post, Counts: sheet.Counts, Head: head(), Part: part(false)}
	own := sheet
	own.Head, own.Part = head(90, 85), part(true,
		publics.Own{ID: 995, State: publics.Pending, Body: "Смотрите на <b>example.ru</b>", CreatedAt: noon},
		publics.Own{ID: 994, State: publics.Refused, Ground: moderation.Advertising, Body: "Купите.\n\nСейчас.", CreatedAt: noon},
		publics.Own{ID: 993, State: publics.Published, Body: "Спасибо!", CreatedAt: noon})
	unconfirmed := own
	unconfirmed.Unconfirmed = true
	cameBack := part(false)
	cameBack.Form.Body, cameBack.Form.Trouble = "Раз\tдва <три>", publics.ErrUnreadable
	wrong := silent
	wrong.Part = cameBack
	for name, component := range map[string]templ.Component{
		"directory":        view.DirectoryPage(view.Directory{Publics: []publics.Public{dvor, park}, Next: "park"}),
		"directory-empty":  view.DirectoryPage(view.Directory{}),
		"wall":             view.WallPage(view.Wall{Public: dvor, Posts: []publics.Summary{lamps, road}, Next: road.Place().String()}),
		"wall-notices":     view.WallPage(view.Wall{Public: dvor, Kind: publics.Notice, Posts: []publics.Summary{road}, Next: "1.1"}),
		"wall-empty":       view.WallPage(view.Wall{Public: park, Kind: publics.Article}),
		"post":             view.PostPage(sheet),
		"post-silent":      view.PostPage(silent),
		"post-own":         view.PostPage(own),
		"post-wrong":       view.PostPage(wrong),
		"post-unconfirmed": view.PostPage(unconfirmed),
		"talk":             view.TalkPage(view.Talk{Public: dvor, Post: post, Comment: said(asked, asked.ID), Replies: []view.Said{said(told, asked.ID)}, Next: 991}),
		"talk-silent":      view.TalkPage(view.Talk{Public: dvor, Post: post, Comment: said(short, short.ID)}),
		"card":             view.Card(publics.Latest{Summary: road, Slug: "dvor", Name: "Двор и улица"}),
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
		Threads: []view.Thread{{Said: said(asked, asked.ID)}},
		Part:    part(false, publics.Own{ID: 995, State: publics.Pending, Body: "А <i>вот</i>"}),
	}))
	for _, raw := range []string{"<вечером>", "<b>", "<i>"} {
		if strings.Contains(html, raw) {
			t.Errorf("%s stands in the page as markup", raw)
		}
	}
	if !strings.Contains(html, "&lt;b&gt;нас&lt;/b&gt;") {
		t.Error("the comment is not shown as it was written")
	}
}
