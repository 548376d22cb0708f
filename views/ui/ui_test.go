package ui_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"veche/domain/event"
	"veche/domain/problem"
	"veche/views/ui"
	"veche/views/words"
)

func ru() context.Context {
	return words.With(words.WithZone(context.Background(), time.FixedZone("MSK", 3*60*60)), words.Russian)
}

// draw renders parts one after the other and makes them askable.
func draw(t *testing.T, ctx context.Context, parts ...templ.Component) *goquery.Selection {
	t.Helper()
	var html strings.Builder
	for _, part := range parts {
		if err := part.Render(ctx, &html); err != nil {
			t.Fatal(err)
		}
	}
	page, err := goquery.NewDocumentFromReader(strings.NewReader(html.String()))
	if err != nil {
		t.Fatal(err)
	}
	return page.Find("body")
}

func attr(t *testing.T, s *goquery.Selection, name string) string {
	t.Helper()
	if s.Length() != 1 {
		t.Fatalf("%d elements where one is expected", s.Length())
	}
	return s.AttrOr(name, "(none)")
}

func TestLiveCarriesTheStamp(t *testing.T) {
	whole := ui.Live(event.Stamp{Region: "poll:42/tally", Version: "v1", State: "a:7", Pass: "p"})
	for name, want := range map[string]string{
		"id": "poll-42-tally", "data-live": "poll:42/tally", "data-version": "v1", "data-state": "a:7", "data-pass": "p",
	} {
		if whole[name] != want {
			t.Errorf("%s is %v, not %q", name, whole[name], want)
		}
	}
	// A frame is shared by many pages: it has no pass to leave in it.
	frame := ui.Live(event.Stamp{Region: "poll:42/tally", State: "a:8"})
	for _, name := range []string{"data-pass", "data-version"} {
		if _, there := frame[name]; there {
			t.Errorf("a stamp without it still carries %s", name)
		}
	}
}

func TestErrorSummaryLeadsToTheFields(t *testing.T) {
	trouble := &problem.Error{Kind: problem.Invalid, Message: "common.close", Fields: map[string]string{
		"email": "common.save", "choice": "common.close",
	}}
	ctx := ru()
	form := draw(t, ctx,
		ui.ErrorSummary(trouble),
		ui.Field(ui.FieldProps{Name: "email", Label: "Почта", Hint: "Для кода", Error: ui.ErrorIn(ctx, trouble, "email")}),
		ui.RadioGroup(ui.ChoiceProps{Name: "choice", Legend: "Ответ", Error: ui.ErrorIn(ctx, trouble, "choice"), Options: []ui.Option{{Value: "1", Label: "Да"}, {Value: "2", Label: "Нет"}}}),
	)
	links := form.Find(".error-summary a")
	if links.Length() != 2 {
		t.Fatalf("%d links to 2 fields", links.Length())
	}
	links.Each(func(_ int, link *goquery.Selection) {
		control := form.Find(link.AttrOr("href", "#nowhere"))
		if !control.Is("input") {
			t.Errorf("%q leads to no control", link.Text())
		}
	})
	email := form.Find("#field-email")
	if attr(t, email, "aria-invalid") != "true" {
		t.Error("the wrong field does not say so")
	}
	for _, id := range strings.Fields(attr(t, email, "aria-describedby")) {
		if form.Find("#"+id).Length() != 1 {
			t.Errorf("the field is described by %s, which is not there", id)
		}
	}
	if _, takesFocus := form.Find(".error-summary").Attr("autofocus"); !takesFocus {
		t.Error("the summary does not take the focus")
	}
}

func TestNoTroubleDrawsNothing(t *testing.T) {
	if html, _ := draw(t, ru(), ui.ErrorSummary(nil)).Html(); html != "" {
		t.Errorf("without trouble there is %q", html)
	}
	if said := ui.ErrorIn(ru(), nil, "email"); said != "" {
		t.Errorf("without trouble a field says %q", said)
	}
}

func TestPasswordsAreNotSentBack(t *testing.T) {
	form := draw(t, ru(), ui.Field(ui.FieldProps{Name: "password", Label: "Пароль", Type: "password", Value: "Demo-2026!"}))
	if html, _ := form.Html(); strings.Contains(html, "Demo-2026!") {
		t.Errorf("the password stands in the page: %s", html)
	}
}

func TestTypedTextStays(t *testing.T) {
	typed := `<b>"Анна"</b>`
	form := draw(t, ru(),
		ui.Field(ui.FieldProps{Name: "name", Label: "Имя", Value: typed}),
		ui.TextArea(ui.FieldProps{Name: "text", Label: "Текст", Value: typed}),
	)
	if got := attr(t, form.Find("input"), "value"); got != typed {
		t.Errorf("the field holds %q", got)
	}
	if got := form.Find("textarea").Text(); got != typed {
		t.Errorf("the text area holds %q", got)
	}
}

func TestBarsAreATable(t *testing.T) {
	bars := draw(t, ru(), ui.Bars("Итоги", []ui.Bar{
		{Label: "Да", Votes: 1234, Share: 0.615},
		{Label: "Нет", Votes: 1, Share: 0.001},
		{Label: "Всё равно", Votes: 0, Share: 0},
	}))
	if got := attr(t, bars.Find("table"), "role"); got != "table" {
		t.Errorf("the table has the role %q", got)
	}
	rows := bars.Find("tbody tr")
	for at, want := range []struct{ label, share, votes, width string }{
		{"Да", "61,5\u00a0%", "1\u00a0234 голоса", "61.50%"},
		{"Нет", "0,1\u00a0%", "1 голос", "0.50%"}, // a single vote is still to be seen
		{"Всё равно", "0\u00a0%", "0 голосов", "0.00%"},
	} {
		row := rows.Eq(at)
		if got := row.Find("th span").First().Text(); got != want.label {
			t.Errorf("row %d is of %q", at, got)
		}
		if got := row.Find(".bar-share").Text(); got != want.share {
			t.Errorf("%s has the share %q", want.label, got)
		}
		if got := row.Find(".bar-count").Text(); got != want.votes {
			t.Errorf("%s has %q", want.label, got)
		}
		if got := attr(t, row.Find("rect"), "width"); got != want.width {
			t.Errorf("the bar of %s is %q long", want.label, got)
		}
	}
}

func TestPagerGoesOnWithoutScript(t *testing.T) {
	more := draw(t, ru(), ui.Pager("polls", "/polls?after=20"))
	link := more.Find("a")
	if attr(t, link, "href") != "/polls?after=20" || attr(t, link, "hx-get") != "/polls?after=20" {
		t.Errorf("the pager leads elsewhere: %v", link.Nodes[0].Attr)
	}
	end := draw(t, ru(), ui.Pager("polls", ""))
	if end.Find("a").Length() != 0 || end.Find("#polls-pager[hidden]").Length() != 1 {
		t.Error("after the last page the pager is still seen, or gone where it is to be replaced")
	}
}

func TestTimesCarryTheMoment(t *testing.T) {
	moment := time.Date(2026, time.November, 20, 22, 30, 0, 0, time.UTC)
	times := draw(t, ru(), ui.Time(moment), ui.Day(moment)).Find("time")
	if got := times.Eq(0).AttrOr("datetime", ""); got != "2026-11-20T22:30:00Z" {
		t.Errorf("the moment is %q", got)
	}
	if got := times.Eq(0).Text(); got != "21\u00a0ноября\u00a02026, 01:30" {
		t.Errorf("the moment is written %q", got)
	}
	if got := times.Eq(1).AttrOr("datetime", ""); got != "2026-11-21" {
		t.Errorf("the day is %q", got)
	}
}

func TestFormsCarryTheToken(t *testing.T) {
	ctx := ui.WithCSRF(ru(), "t0ken")
	field := draw(t, ctx, ui.CSRF()).Find("input[type=hidden]")
	if attr(t, field, "name") != ui.CSRFField || attr(t, field, "value") != "t0ken" {
		t.Errorf("the token field is %v", field.Nodes[0].Attr)
	}
}
