package inbox

import (
	"embed"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"veche/cmd/sim/site"
)

//go:embed words.ru.toml words.en.toml front.html message.html
var files embed.FS

// previewPolicy lets a letter show its text, its own styles and the pictures
// it carries, and nothing else: no script, no form, no request to anywhere. The
// sandbox also holds when somebody opens the preview in a tab of its own.
const previewPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; " +
	"form-action 'none'; base-uri 'none'; frame-ancestors 'self'"

// screen draws the box.
type screen struct {
	box       *Box
	front     *site.Page
	message   *site.Page
	site      *site.Site
	listeners chan struct{}
}

// Card shows the box on the front page and through the API. It is no outside
// system of its own: address is where the pages of the program are.
func Card(box *Box, address string) site.Card {
	screen := &screen{box: box, listeners: make(chan struct{}, highestListeners)}
	return site.Card{
		Key: "inbox", Protocol: "HTTP, JSON", Address: address + "/api/messages", Page: "/",
		Files: files, Mount: screen.mount,
	}
}

func (s *screen) mount(mux *http.ServeMux, frame *site.Site) (err error) {
	s.site = frame
	if s.front, err = frame.Page(files, "front.html"); err != nil {
		return err
	}
	if s.message, err = frame.Page(files, "message.html"); err != nil {
		return err
	}
	mux.HandleFunc("GET /{$}", s.showFront)
	mux.HandleFunc("GET /events", s.events)
	mux.HandleFunc("GET /messages/{id}", s.showMessage)
	mux.HandleFunc("GET /messages/{id}/html", s.showPreview)
	mux.HandleFunc("GET /messages/{id}/files/{number}", s.sendFile)
	mux.HandleFunc("GET /api/messages", s.listMessages)
	mux.HandleFunc("DELETE /api/messages", s.forgetMessages)
	return nil
}

// frontView is one page of the phone and one of the mailbox.
type frontView struct {
	Filter     Filter
	Invalid    bool // the query could not be read and was left aside
	Recipients []string
	Texts      window
	Letters    window
}

// window is some of the messages of a kind; Older is the address of the next
// ones, empty at the end.
type window struct {
	Messages []*Message
	Older    string
}

func (s *screen) showFront(w http.ResponseWriter, r *http.Request) {
	filter, err := parseFilter(r.URL.Query())
	view := frontView{Filter: filter, Invalid: err != nil, Recipients: s.box.Recipients(50)}
	if view.Shows(SMS) {
		view.Texts = s.window(filter, SMS, 8)
	}
	if view.Shows(Mail) {
		view.Letters = s.window(filter, Mail, 20)
	}
	s.front.Render(w, r, http.StatusOK, view)
}

func (s *screen) window(filter Filter, kind Kind, length int) window {
	if filter.Kind == kind {
		length = 40
	}
	filter.Kind, filter.Limit = kind, length+1
	messages := s.box.Messages(filter)
	if len(messages) <= length {
		return window{Messages: messages}
	}
	messages = messages[:length]
	query := url.Values{"kind": {string(kind)}, "before": {strconv.FormatInt(messages[length-1].ID, 10)}}
	if filter.To != "" {
		query.Set("to", filter.To)
	}
	return window{Messages: messages, Older: "/?" + query.Encode()}
}

// Shows says whether messages of the kind belong on the page: the kind asked
// for, or else the one that the recipient's address can have.
func (v frontView) Shows(kind Kind) bool {
	if v.Filter.Kind != "" {
		return v.Filter.Kind == kind
	}
	return v.Filter.To == "" || strings.Contains(v.Filter.To, "@") == (kind == Mail)
}

// Link is the address of the front page with the same recipient and another
// kind.
func (v frontView) Link(kind Kind) string {
	query := url.Values{}
	if v.Filter.To != "" {
		query.Set("to", v.Filter.To)
	}
	if kind != "" {
		query.Set("kind", string(kind))
	}
	return "/?" + query.Encode()
}

// Pieces are the spans of the text, for the template.
func (m *Message) Pieces() []Span { return Spans(m.Text) }

// Beginning is the start of the text on one line.
func (m *Message) Beginning() string {
	text := []rune(spacePattern.ReplaceAllString(m.Text[:min(len(m.Text), 1200)], " "))
	if len(text) > 160 {
		return string(text[:160]) + "…"
	}
	return string(text)
}

func (s *screen) find(r *http.Request) (*Message, bool) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return nil, false
	}
	return s.box.Message(id)
}

func (s *screen) showMessage(w http.ResponseWriter, r *http.Request) {
	message, found := s.find(r)
	if !found {
		s.site.Missing(w, r)
		return
	}
	s.message.Render(w, r, http.StatusOK, message)
}

func (s *screen) showPreview(w http.ResponseWriter, r *http.Request) {
	message, found := s.find(r)
	if !found || message.HTML == "" {
		s.site.Missing(w, r)
		return
	}
	w.Header().Set("Content-Security-Policy", previewPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write([]byte(message.HTML))
}

// sendFile hands out an attachment as a download, never as a page.
func (s *screen) sendFile(w http.ResponseWriter, r *http.Request) {
	message, found := s.find(r)
	number, err := strconv.Atoi(r.PathValue("number"))
	if !found || err != nil || number < 0 || number >= len(message.Attachments) {
		s.site.Missing(w, r)
		return
	}
	file := message.Attachments[number]
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'")
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file.Name}))
	w.Write(file.Content)
}
