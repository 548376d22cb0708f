package arch

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// edge is one import in one file.
type edge struct {
	file  string // "handlers/polls/cast.go"
	to    string // "veche/db/polls"
	alias string // "pollsdb", "" where the package's own name is used
}

func (e edge) from() string { return path.Dir(e.file) }
func (e edge) test() bool   { return strings.HasSuffix(e.file, "_test.go") }

// layers says which folders each may import, besides itself. That many who ask at the
// same moment share one question is wanted of Postgres and of Redis alike, so what does
// it lies below those that ask; it knows nothing of either.
var layers = map[string][]string{
	"domain":   {},
	"db":       {"domain", "internal/together"},
	"views":    {"domain", "static"}, // static knows the addresses of drawings and scripts
	"hub":      {"domain/event", "internal/together"},
	"static":   {},
	"handlers": {"domain", "db", "views", "hub", "static", "internal/together"},
	"cmd":      {"domain", "db", "views", "hub", "static", "handlers"},
	"internal": {},
}

// workshops are programs for those who build the portal. They bring servers up.
var workshops = []string{"cmd/dev", "cmd/bench"}

// helpers exist for tests and for the workshops.
var helpers = []string{"db/dbtest", "db/given", "db/localpg", "hub/hubtest", "hub/localredis", "handlers/webtest"}

// plumbing serves the helpers and the workshops.
var plumbing = []string{"internal/child", "internal/filelock"}

// homes are the folders where a library may be seen; tests may see it anywhere.
var homes = map[string][]string{
	"github.com/gofiber/fiber":    {"hub", "handlers", "static", "cmd"},
	"github.com/coder/websocket":  {"hub"},
	"github.com/redis/go-redis":   {"hub", "handlers", "cmd"},
	"github.com/jackc/pgx":        {"db", "cmd"},
	"github.com/jmoiron/sqlx":     {"db"},
	"github.com/riverqueue/river": {"db", "cmd"},
	"github.com/a-h/templ":        {"views", "handlers"},
	"github.com/wneessen/go-mail": {"cmd"}, // what speaks to the outside world stands beside the program
}

// domainMay is what the domain needs beyond the standard library: Unicode's normal
// form, in which all texts are kept.
var domainMay = []string{"golang.org/x/text/unicode/norm"}

// wrong says what is wrong with an import, "" when nothing is. areas are the nouns
// that the domain knows.
func wrong(e edge, areas []string) string {
	to, ours := strings.CutPrefix(e.to, "veche/")
	if !ours {
		return wrongLibrary(e)
	}
	for _, rule := range []func(edge, string) string{wrongProgram, wrongHelper, wrongLayer, wrongArea} {
		if reason := rule(e, to); reason != "" {
			return reason
		}
	}
	return wrongAlias(e, to, areas)
}

func wrongLibrary(e edge) string {
	if e.test() || isHelper(e.from()) {
		return ""
	}
	standard := !strings.Contains(strings.SplitN(e.to, "/", 2)[0], ".")
	if top(e.from()) == "domain" && !standard && !slices.Contains(domainMay, e.to) {
		return "the domain is written in the standard library alone"
	}
	for library, folders := range homes {
		if under(e.to, library) && !slices.Contains(folders, top(e.from())) {
			return fmt.Sprintf("%s belongs in %s", library, strings.Join(folders, ", "))
		}
	}
	return ""
}

func wrongProgram(e edge, to string) string {
	if top(to) != "cmd" {
		return ""
	}
	program := strings.Join(strings.SplitN(to, "/", 3)[:2], "/")
	if under(e.from(), program) {
		return ""
	}
	// The simulated outside world is what tests of other programs speak to.
	if program == "cmd/sim" && e.test() && top(e.from()) == "cmd" {
		return ""
	}
	return "nothing imports cmd"
}

func wrongHelper(e edge, to string) string {
	mayHelp := e.test() || isHelper(e.from()) || underAny(e.from(), workshops) || top(e.from()) == "internal"
	if isHelper(to) && !mayHelp {
		return "helpers are for tests, cmd/dev and cmd/bench"
	}
	if isPlumbing(to) && !mayHelp {
		return "internal packages serve helpers, cmd/dev and cmd/bench"
	}
	return ""
}

func wrongLayer(e edge, to string) string {
	from := top(e.from())
	allowed, known := layers[from]
	switch {
	case !known:
		return fmt.Sprintf("the folder %s has no place among the layers", from)
	case top(to) == from:
		return ""
	// Helpers bring servers and whole programs up for a test in any layer.
	case isPlumbing(to), isHelper(to) && (e.test() || isHelper(e.from())), isHelper(to) && underAny(e.from(), workshops):
		return ""
	case slices.ContainsFunc(allowed, func(folder string) bool { return under(to, folder) }):
		return ""
	}
	return fmt.Sprintf("%s may import %s only", from, strings.Join(append([]string{from}, allowed...), ", "))
}

// wrongArea keeps the handlers of one area from those of another; what they share
// stands in handlers itself. A test may mount several areas to walk through them.
func wrongArea(e edge, to string) string {
	if e.test() || top(to) != "handlers" || top(e.from()) != "handlers" || isHelper(e.from()) || isHelper(to) || to == "handlers" {
		return ""
	}
	area := strings.Join(strings.SplitN(to, "/", 3)[:2], "/")
	if under(e.from(), area) {
		return ""
	}
	return "handlers do not import another area's handlers"
}

// wrongAlias keeps the bare noun for the domain.
func wrongAlias(e edge, to string, areas []string) string {
	layer, area, deeper := strings.Cut(to, "/")
	if !deeper || e.from() == to || !slices.Contains(areas, area) {
		return ""
	}
	var want []string
	switch layer {
	case "domain":
		want = []string{""}
	case "db":
		want = []string{area + "db"}
	case "handlers":
		want = []string{area + "web"}
	case "views":
		want = []string{area + "view"}
		if e.from() == "handlers/"+area {
			want = []string{"view"}
		}
	default:
		return ""
	}
	if slices.Contains(want, e.alias) {
		return ""
	}
	return fmt.Sprintf("it is called %s here, but %q says what it is", orOwnName(e.alias, area), want[0])
}

func orOwnName(alias, own string) string {
	if alias == "" {
		return fmt.Sprintf("%q", own)
	}
	return fmt.Sprintf("%q", alias)
}

func isHelper(folder string) bool   { return underAny(folder, helpers) }
func isPlumbing(folder string) bool { return underAny(folder, plumbing) }

func underAny(folder string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool { return under(folder, root) })
}

// under reports whether folder is root or lies in it.
func under(folder, root string) bool {
	return folder == root || strings.HasPrefix(folder, root+"/")
}

func top(folder string) string {
	first, _, _ := strings.Cut(folder, "/")
	return first
}
