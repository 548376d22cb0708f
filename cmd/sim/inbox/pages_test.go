package inbox_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"veche/cmd/sim/inbox"
	"veche/cmd/sim/site"
)

const hostile = `<script>window.pwned=1</script><img src=x onerror="window.pwned=1">`

func serve(t *testing.T) (*inbox.Box, string) {
	t.Helper()
	box := inbox.NewBox(inbox.Ordinary, ticking())
	frame, err := site.New(time.UTC, slog.New(slog.DiscardHandler), inbox.Card(box, "http://sim.test"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(frame)
	t.Cleanup(server.Close)
	return box, server.URL
}

func fetch(t *testing.T, method, address string, wantStatus int) (string, http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != wantStatus {
		t.Fatalf("%s %s: status %d, want %d\n%s", method, address, response.StatusCode, wantStatus, body)
	}
	return string(body), response.Header
}

func page(t *testing.T, address string) *goquery.Document {
	t.Helper()
	body, _ := fetch(t, http.MethodGet, address, http.StatusOK)
	document, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func TestApiAnswersTheFieldsItPromises(t *testing.T) {
	box, address := serve(t)
	box.Deliver(inbox.Message{
		Kind: inbox.Mail, From: "Вече <a@b.test>", Subject: "Код 482913", Text: "Войти: http://a.test/x", HTML: "<p>Код</p>",
		Attachments: []inbox.Attachment{{Name: "план.pdf", Type: "application/pdf", Size: 3, Content: []byte("pdf")}},
	}, "anna@demo.test")
	box.Deliver(text("Код 7731"), "+79161234567")

	body, header := fetch(t, http.MethodGet, address+"/api/messages?to=ANNA@demo.test", http.StatusOK)
	if got := header.Get("Content-Type"); got != "application/json; charset=utf-8" {
		t.Errorf("content type %q", got)
	}
	var messages []map[string]any
	if err := json.Unmarshal([]byte(body), &messages); err != nil {
		t.Fatal(err)
	}
	if len(messages) != 1 {
		t.Fatalf("%d messages, want 1", len(messages))
	}
	got := messages[0]
	id := got["id"].(string)
	delete(got, "id")
	want := map[string]any{
		"kind": "mail", "to": "anna@demo.test", "from": "Вече <a@b.test>", "subject": "Код 482913",
		"text": "Войти: http://a.test/x", "html": "<p>Код</p>", "at": "2026-03-01T12:00:02Z",
		"codes": []any{"482913"}, "links": []any{"http://a.test/x"},
		"attachments": []any{map[string]any{"name": "план.pdf", "type": "application/pdf", "size": 3.0}},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("message\n%v\nwant\n%v", got, want)
	}

	for query, count := range map[string]int{
		"after=" + id: 1, "before=" + id: 0, "kind=sms": 1, "kind=mail&to=%2B79161234567": 0, "to=+79161234567": 1, "limit=1": 1,
		"after=" + url.QueryEscape("2026-03-01T12:00:02Z"): 1,
	} {
		body, _ := fetch(t, http.MethodGet, address+"/api/messages?"+query, http.StatusOK)
		var found []inbox.Message
		if err := json.Unmarshal([]byte(body), &found); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		if len(found) != count {
			t.Errorf("%s: %d messages, want %d", query, len(found), count)
		}
	}
}

func TestApiSaysWhatIsWrongWithAQuery(t *testing.T) {
	_, address := serve(t)
	for _, query := range []string{"kind=fax", "after=yesterday", "before=x", "limit=0", "limit=1001", "limit=many"} {
		for _, method := range []string{http.MethodGet, http.MethodDelete} {
			body, header := fetch(t, method, address+"/api/messages?"+query, http.StatusBadRequest)
			if !strings.Contains(body, `"code":"invalid_query"`) || header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s %s: %s", method, query, body)
			}
		}
	}
}

func TestDeleteForgetsWhatTheQueryMeans(t *testing.T) {
	box, address := serve(t)
	box.Deliver(text("b"), "+79161234567")
	box.Deliver(letter("a"), "anna@demo.test")
	fetch(t, http.MethodDelete, address+"/api/messages?to=anna@demo.test", http.StatusNoContent)
	if got := texts(box.Messages(inbox.Filter{})); len(got) != 1 || got[0] != "b" {
		t.Errorf("left %q", got)
	}
	fetch(t, http.MethodDelete, address+"/api/messages", http.StatusNoContent)
	if body, _ := fetch(t, http.MethodGet, address+"/api/messages", http.StatusOK); body != "[]\n" {
		t.Errorf("left %s", body)
	}
}

func TestFrontShowsWhatArrivedForWhom(t *testing.T) {
	box, address := serve(t)
	box.Deliver(letter("Старое"), "anna@demo.test")
	box.Deliver(inbox.Message{Kind: inbox.Mail, Subject: "Новое", Text: "Ваш код 482913"}, "anna@demo.test")
	box.Deliver(letter("Чужое"), "boris@demo.test")
	box.Deliver(text("Код входа 7731"), "+79161234567")

	front := page(t, address)
	if got := front.Find(".badge").Text(); got != "Демо-контур" {
		t.Errorf("badge %q", got)
	}
	if got := front.Find(".text .said code").Text(); got != "7731" {
		t.Errorf("code on the phone %q", got)
	}
	if got := front.Find(".letter .subject").Map(trimmed); strings.Join(got, ",") != "Чужое,Новое,Старое" {
		t.Errorf("letters %q", got)
	}
	if got := front.Find(".letter .codes code").Text(); got != "482913" {
		t.Errorf("codes in the mailbox %q", got)
	}
	if front.Find(".parts li h3").Text() != "Телефон и почта" {
		t.Error("the parts are not listed")
	}

	mine := page(t, address+"/?to=Anna@demo.test")
	if got := mine.Find(".letter .subject").Map(trimmed); strings.Join(got, ",") != "Новое,Старое" {
		t.Errorf("letters for Anna %q", got)
	}
	if got := mine.Find("#to").AttrOr("value", ""); got != "Anna@demo.test" {
		t.Errorf("the filter shows %q", got)
	}
	if got := page(t, address+"/?kind=sms").Find(".mailbox").Length(); got != 0 {
		t.Error("the mailbox stands among the texts")
	}
	for screen, query := range map[string]string{".phone": "/?to=anna@demo.test", ".mailbox": "/?to=%2B79161234567"} {
		if page(t, address+query).Find(screen).Length() != 0 {
			t.Errorf("%s shows %s, where nothing can arrive", query, screen)
		}
	}
	if got := page(t, address+"/?kind=fax").Find(".notice").Length(); got != 1 {
		t.Error("an unreadable query goes without a word")
	}
}

func trimmed(_ int, s *goquery.Selection) string { return strings.TrimSpace(s.Text()) }

func TestEveryMessageIsReachedByOlderLinks(t *testing.T) {
	box, address := serve(t)
	for i := range 100 {
		box.Deliver(letter(fmt.Sprint(i)), "anna@demo.test")
		box.Deliver(letter("чужое"), "boris@demo.test")
	}
	seen := map[string]bool{}
	for next, pages := "/?to=anna@demo.test", 0; next != ""; pages++ {
		document := page(t, address+next)
		for _, subject := range document.Find(".letter .subject").Map(trimmed) {
			seen[subject] = true
		}
		next = document.Find(".mailbox .older a").AttrOr("href", "")
		if pages > 10 {
			t.Fatal("the links lead nowhere")
		}
	}
	if len(seen) != 100 || seen["чужое"] {
		t.Errorf("%d letters seen, want Anna's 100", len(seen))
	}
}

func TestHostileMessageStaysText(t *testing.T) {
	box, address := serve(t)
	box.Deliver(inbox.Message{
		Kind: inbox.Mail, From: hostile, Subject: hostile, Text: hostile, HTML: hostile,
		Attachments: []inbox.Attachment{{Name: `"><script>.html`, Type: "text/html", Content: []byte(hostile)}},
	}, `"`+hostile+`"@x.test`)
	box.Deliver(inbox.Message{Kind: inbox.SMS, From: hostile, Text: hostile}, hostile)

	letter := box.Messages(inbox.Filter{Kind: inbox.Mail})[0]
	own := fmt.Sprintf("%s/messages/%d", address, letter.ID)
	for _, shown := range []string{address + "/", address + "/?kind=sms&to=" + url.QueryEscape(hostile), own} {
		document := page(t, shown)
		if got := document.Find("script").Length(); got != 1 {
			t.Errorf("%s has %d scripts, want its own one", shown, got)
		}
		if document.Find("[onerror], [style], style, img").Length() != 0 {
			t.Errorf("%s carries the message's markup", shown)
		}
		if !strings.Contains(document.Text(), "window.pwned=1") {
			t.Errorf("%s does not show the text", shown)
		}
	}

	frame := page(t, own).Find("iframe")
	if sandbox, has := frame.Attr("sandbox"); !has || sandbox != "" {
		t.Errorf("the preview's frame has sandbox %q", sandbox)
	}
	_, header := fetch(t, http.MethodGet, own+"/html", http.StatusOK)
	policy := header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "sandbox; default-src 'none';") || strings.Contains(policy, "script-src") {
		t.Errorf("preview policy %q", policy)
	}
	content, header := fetch(t, http.MethodGet, own+"/files/0", http.StatusOK)
	if content != hostile || header.Get("Content-Type") != "application/octet-stream" ||
		!strings.HasPrefix(header.Get("Content-Disposition"), "attachment;") {
		t.Errorf("the attachment is not a plain download: %v", header)
	}
}

func TestWhatIsGoneIsSaidInWords(t *testing.T) {
	box, address := serve(t)
	box.Deliver(text("x"), "+79161234567")
	id := box.Messages(inbox.Filter{})[0].ID
	for _, path := range []string{"/messages/1", "/messages/x", fmt.Sprintf("/messages/%d/html", id), fmt.Sprintf("/messages/%d/files/0", id)} {
		if body, _ := fetch(t, http.MethodGet, address+path, http.StatusNotFound); !strings.Contains(body, "Такой страницы нет") {
			t.Errorf("%s: %s", path, body)
		}
	}
}

func TestStreamTellsOfEveryChangeAndEnds(t *testing.T) {
	box, address := serve(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if got := response.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("content type %q", got)
	}
	lines := bufio.NewScanner(response.Body)
	next := func() {
		t.Helper()
		for lines.Scan() {
			if lines.Text() == "event: change" {
				return
			}
		}
		t.Fatalf("the stream ended: %v", lines.Err())
	}
	next() // what may have come between page and stream
	box.Deliver(text("x"), "+79161234567")
	next()
	box.Forget(inbox.Filter{})
	next()
}
