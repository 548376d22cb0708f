package site

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

//go:embed layout.html missing.html words.ru.toml words.en.toml
var frameFiles embed.FS

//go:embed static
var staticFiles embed.FS

// Site draws pages and keeps the routes of all parts.
type Site struct {
	cards     []Card
	catalogue *catalogue
	layout    *template.Template
	missing   *Page
	handler   http.Handler
	log       *slog.Logger
}

// New mounts the cards and loads their words. Times are shown in zone. It
// fails when a template or a catalogue is broken, so that a mistake stops the
// program and not a reader.
func New(zone *time.Location, log *slog.Logger, cards ...Card) (*Site, error) {
	words := []fs.FS{frameFiles}
	for _, card := range cards {
		words = append(words, card.Files)
	}
	catalogue, err := loadCatalogue(zone, words...)
	if err != nil {
		return nil, err
	}
	layout, err := template.ParseFS(frameFiles, "layout.html")
	if err != nil {
		return nil, fmt.Errorf("parse layout: %w", err)
	}
	site := &Site{cards: cards, catalogue: catalogue, layout: layout, log: log}
	if err := site.mount(); err != nil {
		return nil, err
	}
	return site, nil
}

func (s *Site) mount() error {
	var err error
	if s.missing, err = s.Page(frameFiles, "missing.html"); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /static/", static())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /", s.Missing)
	for _, card := range s.cards {
		if card.Mount == nil {
			continue
		}
		if err := card.Mount(mux, s); err != nil {
			return fmt.Errorf("mount %s: %w", card.Key, err)
		}
	}
	s.handler = guard(mux)
	return nil
}

// ServeHTTP answers with the part that owns the route.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Page is a template inside the frame.
type Page struct {
	site     *Site
	template *template.Template
}

// Page reads a template that defines "title" and "body". Both are drawn with
// a View, whose Data is what Render was given.
func (s *Site) Page(files fs.FS, name string) (*Page, error) {
	layout, err := s.layout.Clone()
	if err != nil {
		return nil, fmt.Errorf("clone layout for %s: %w", name, err)
	}
	page, err := layout.ParseFS(files, name)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", name, err)
	}
	return &Page{site: s, template: page}, nil
}

// View is what a template sees: words in the reader's language and the data
// of the page.
type View struct {
	Words
	Parts []Card
	Data  any
	here  *url.URL
}

// In is the address of the same page in the given language.
func (v View) In(lang string) string {
	query := v.here.Query()
	query.Set("lang", lang)
	return v.here.Path + "?" + query.Encode()
}

// Render draws the page with data, all of it before the first byte goes out.
func (p *Page) Render(w http.ResponseWriter, r *http.Request, status int, data any) {
	view := View{Words: p.site.catalogue.choose(w, r), Parts: p.site.cards, Data: data, here: r.URL}
	var body bytes.Buffer
	if err := p.template.ExecuteTemplate(&body, "layout.html", view); err != nil {
		p.site.log.Error("draw page", "path", r.URL.Path, "error", err)
		http.Error(w, "The page could not be drawn.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", view.Lang)
	w.WriteHeader(status)
	w.Write(body.Bytes())
}

// Missing answers 404 with a page in words; for handlers whose thing is gone.
func (s *Site) Missing(w http.ResponseWriter, r *http.Request) {
	s.missing.Render(w, r, http.StatusNotFound, nil)
}

func static() http.Handler {
	files := http.FileServerFS(staticFiles)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		files.ServeHTTP(w, r)
	})
}
