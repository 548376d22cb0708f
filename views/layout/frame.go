// Package layout is the frame around every page: document head, header with the
// reader's own controls, menus, breadcrumbs, footer, and the socket of the live
// layer.
//
// What a page says itself stands in <main id="content">. Links and forms inside
// the body replace only that element; everything around it, the socket above all,
// lives on. Whatever changes the frame itself (sign-in and sign-out, language, a
// new build of the assets) is a full load; moves.js notices it by the frame mark.
package layout

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"veche/domain/accounts"
	"veche/domain/event"
	"veche/static"
	"veche/views/ui"
	"veche/views/words"
)

// Frame is what the frame of one page depends on.
type Frame struct {
	Title       string // of the page, without the portal's name
	Description string // for search engines and link previews, "" for none
	Lang        words.Lang
	Zone        *time.Location
	Path        string          // path and query of this page, where forms of the frame come back to
	Person      *Person         // nil for a guest
	Bell        templ.Component // of the person's notifications; nil draws it without a number
	Idle        *event.Stamp    // of the warning that the session is about to end; nil for a guest
	EmailWaits  bool            // no e-mail of the person is confirmed (ID-17)
	CSRF        string
	Prefs       Prefs
	Demo        bool // demo data: people and votes are made up
	Dev         bool // development: the style guide has a link
	Crumbs      []Crumb
	NoHeading   bool // the content draws its own h1; otherwise it is Title
	NoLive      bool // no socket: pages of errors that may be drawn without one
}

// Crumb is a step of the way from the home page.
type Crumb = ui.Crumb

// Person is the reader as the frame shows them.
type Person struct {
	Name    string
	Account string          // public id
	Roles   []accounts.Role // decide which workplaces the menus show
}

// Initials stand for the face of the reader.
func (p Person) Initials() string { return accounts.Initials(p.Name) }

// mark changes when anything around the content would be drawn differently for
// another reader or by another build.
func (f Frame) mark() string {
	account := ""
	if f.Person != nil {
		account = fmt.Sprint(f.Person.Account, " ", f.Person.Name, f.Person.Roles)
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{
		static.URL("app.js"), static.URL("app.css"), string(f.Lang), account,
	}, "\n")))
	return hex.EncodeToString(sum[:6])
}

func (f Frame) path() string {
	path, _, _ := strings.Cut(f.Path, "?")
	return path
}

// signIn leads back to this page after sign-in.
func (f Frame) signIn() string {
	if path := f.path(); path == "" || path == "/" || path == "/sign-in" {
		return "/sign-in"
	}
	return "/sign-in?next=" + url.QueryEscape(f.Path)
}

// entry is a place in the menus.
type entry struct {
	label string // key
	href  string
	icon  string
}

// group is a titled part of the side menu; the first has no title.
type group struct {
	label   string // key
	entries []entry
}

var menu = []group{
	{entries: []entry{
		{"layout.menu.home", "/", "house"},
		{"layout.menu.notifications", "/notifications", "bell"},
	}},
	{"layout.menu.civic", []entry{
		{"layout.menu.polls", "/polls", "vote"},
		{"layout.menu.publics", "/publics", "megaphone"},
	}},
}

// bar is the menu at the lower edge of a phone, five entries at most.
var bar = []entry{
	{"layout.menu.home", "/", "house"},
	{"layout.menu.polls", "/polls", "vote"},
	{"layout.menu.publics", "/publics", "megaphone"},
	{"layout.menu.feed", "/notifications", "bell"},
	{"layout.menu.help", "/help", "circle-question-mark"},
}

// current says whether the page belongs to the entry. moves.js follows the same
// rule after a move within the page.
func (e entry) current(path string) bool {
	return path == e.href || e.href != "/" && strings.HasPrefix(path, e.href+"/")
}
