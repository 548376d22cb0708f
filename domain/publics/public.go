// Package publics holds the official pages of a town, «ГосПаблики»: publics, the
// posts they publish, what readers say under them and how many like them (PUB-08,
// PUB-09). Publics are read by everybody, guests included.
package publics

import (
	"strings"
	"time"

	"veche/domain/problem"
)

// ID is the key of a public.
type ID int64

// PostID is the key of a post.
type PostID int64

// CommentID is the key of a comment.
type CommentID int64

// Public is an official page.
type Public struct {
	ID    ID
	Slug  string // stands in addresses and in the scope of its editors' grants
	Name  string
	About string
	Posts int64 // how many are published
}

// Scope is the scope of the grants of a public's editors.
func Scope(slug string) string { return "public:" + slug }

// maxSlug bounds a slug, in letters.
const maxSlug = 40

// ValidSlug says whether s can be the slug of a public: small Latin letters,
// digits and hyphens, a letter first.
func ValidSlug(s string) bool {
	if len(s) < 2 || len(s) > maxSlug {
		return false
	}
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c && c <= 'z'
		if !letter && (i == 0 || (c != '-' && (c < '0' || c > '9'))) {
			return false
		}
	}
	return true
}

// Kind is what sort of thing a post is (PUB-08).
type Kind string

// The kinds of posts: новости, статьи, объявления.
const (
	News    Kind = "news"
	Article Kind = "article"
	Notice  Kind = "notice"
)

// Kinds lists the kinds in the order in which a filter offers them.
var Kinds = []Kind{News, Article, Notice}

// ParseKind reads a kind; ok is false when there is no such.
func ParseKind(s string) (kind Kind, ok bool) {
	for _, k := range Kinds {
		if string(k) == s {
			return k, true
		}
	}
	return "", false
}

// Summary is what a list tells of a post.
type Summary struct {
	ID          PostID
	Kind        Kind
	Title       string
	Opening     string // the first paragraph
	PublishedAt time.Time
	Likes       int64
	Comments    int64 // published ones, replies included
}

// Excerpt is the opening, cut at a word to at most n letters.
func (s Summary) Excerpt(n int) string {
	letters := []rune(s.Opening)
	if len(letters) <= n {
		return s.Opening
	}
	cut := string(letters[:n])
	if space := strings.LastIndexByte(cut, ' '); space > 0 {
		cut = cut[:space]
	}
	return strings.TrimRight(cut, " ,;:—–-") + "…"
}

// Place is where the post stands in a list.
func (s Summary) Place() Place { return Place{At: s.PublishedAt, ID: s.ID} }

// Latest is a post outside its own public's list, with whose it is.
type Latest struct {
	Summary
	Slug string
	Name string // of the public
}

// Post is a post as it is read.
type Post struct {
	Summary
	Body string // paragraphs, an empty line between them
}

// Paragraphs are the body's paragraphs.
func (p Post) Paragraphs() []string { return paragraphs(p.Body) }

func paragraphs(text string) []string {
	var all []string
	for part := range strings.SplitSeq(text, "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// What a reader may look for in vain.
var (
	ErrNoPublic  = problem.New(problem.NotFound, "publics.problem.no_public")
	ErrNoPost    = problem.New(problem.NotFound, "publics.problem.no_post")
	ErrNoComment = problem.New(problem.NotFound, "publics.problem.no_comment")
)
