package arch

import (
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	areas := domainAreas(t)
	files := 0
	for file := range sources(t) {
		if !strings.HasSuffix(file, ".go") {
			continue
		}
		files++
		for _, e := range imports(t, file) {
			if reason := wrong(e, areas); reason != "" {
				t.Errorf("%s imports %s: %s", e.file, e.to, reason)
			}
		}
	}
	if files < 100 {
		t.Errorf("only %d Go files were read", files)
	}
}

func imports(t *testing.T, file string) []edge {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.ImportsOnly)
	if err != nil {
		t.Errorf("%v", err)
		return nil
	}
	var edges []edge
	for _, i := range parsed.Imports {
		to, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		e := edge{file: file, to: to}
		if i.Name != nil {
			e.alias = i.Name.Name
		}
		edges = append(edges, e)
	}
	return edges
}

func domainAreas(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(root, "domain"))
	if err != nil {
		t.Fatal(err)
	}
	var areas []string
	for _, e := range entries {
		if e.IsDir() {
			areas = append(areas, e.Name())
		}
	}
	return areas
}

// The package comment says what a package is for, so that the reader may stop there.
func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	t.Parallel()
	said := map[string]bool{}
	for file := range sources(t) {
		folder := path.Dir(file)
		switch {
		case path.Ext(file) == ".templ": // generated code puts its own mark above the comment
			said[folder] = said[folder] || saysWhatFor(strings.TrimPrefix(string(read(t, file)), "// "))
		case path.Ext(file) == ".go" && !strings.HasSuffix(file, "_test.go"):
			parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Errorf("%v", err)
				continue
			}
			said[folder] = said[folder] || saysWhatFor(parsed.Doc.Text())
		}
	}
	for folder, says := range said {
		if !says {
			t.Errorf("%s has no package comment", folder)
		}
	}
}

func saysWhatFor(comment string) bool {
	return strings.HasPrefix(comment, "Package ") || strings.HasPrefix(comment, "Command ")
}

// The rules themselves: each bad import is refused for the reason it is bad.
func TestBadImportsAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file, to, alias string
		want            string // part of the reason, "" when the import is good
	}{
		{"domain/polls/poll.go", "time", "", ""},
		{"domain/polls/poll.go", "veche/domain/accounts", "", ""},
		{"domain/polls/poll.go", "golang.org/x/text/unicode/norm", "", ""},
		{"domain/polls/poll.go", "github.com/google/uuid", "", "standard library alone"},
		{"domain/polls/poll.go", "veche/db", "", "domain may import domain only"},
		{"domain/polls/poll_test.go", "github.com/google/go-cmp/cmp", "", ""},
		{"domain/polls/poll_test.go", "veche/db", "", "domain may import domain only"},

		{"db/polls/cast.go", "veche/domain/polls", "", ""},
		{"db/polls/cast.go", "veche/db", "", ""},
		{"db/polls/cast.go", "veche/views/polls", "pollsview", "db may import db, domain, internal/together only"},
		{"db/polls/cast.go", "veche/hub", "", "db may import db, domain, internal/together only"},
		{"db/polls/cast.go", "github.com/gofiber/fiber/v2", "", "belongs in hub"},
		{"db/polls/cast_test.go", "veche/db/dbtest", "", ""},
		{"db/polls/cast.go", "veche/db/dbtest", "", "helpers are for tests"},

		{"views/polls/tally.go", "veche/domain/polls", "", ""},
		{"views/polls/tally.go", "veche/views/ui", "", ""},
		{"views/polls/tally.go", "veche/db/polls", "pollsdb", "views may import"},
		{"views/polls/tally.go", "github.com/jmoiron/sqlx", "", "belongs in db"},

		{"hub/hub.go", "veche/domain/event", "", ""},
		{"hub/hub.go", "veche/domain/polls", "", "hub may import hub, domain/event, internal/together only"},
		{"hub/hub.go", "veche/db", "", "hub may import hub, domain/event, internal/together only"},
		{"hub/hub_test.go", "veche/hub/localredis", "", ""},
		{"hub/hub.go", "veche/hub/localredis", "", "helpers are for tests"},

		{"handlers/polls/cast.go", "veche/handlers", "", ""},
		{"handlers/polls/cast.go", "veche/handlers/payments", "", "another area's handlers"},
		{"handlers/polls/cast_test.go", "veche/handlers/payments", "paymentsweb", ""},
		{"handlers/server.go", "veche/handlers/payments", "", "another area's handlers"},
		{"handlers/polls/cast.go", "github.com/jackc/pgx/v5", "", "belongs in db"},
		{"handlers/polls/cast.go", "veche/cmd/portal", "", "nothing imports cmd"},
		{"handlers/polls/polls_test.go", "veche/handlers/webtest", "", ""},
		{"handlers/polls/routes.go", "veche/handlers/webtest", "", "helpers are for tests"},
		{"handlers/webtest/site.go", "veche/db/dbtest", "", ""},
		{"handlers/server.go", "veche/internal/child", "", "internal packages serve"},

		{"db/polls/store.go", "veche/internal/together", "", ""},
		{"hub/lookup.go", "veche/internal/together", "", ""},
		{"handlers/server.go", "veche/internal/together", "", ""},
		{"views/polls/tally.go", "veche/internal/together", "", "views may import"},
		{"domain/polls/poll.go", "veche/internal/together", "", "domain may import domain only"},

		{"cmd/portal/main.go", "veche/handlers", "", ""},
		{"cmd/portal/main.go", "veche/db/localpg", "", "helpers are for tests"},
		{"cmd/portal/vote_browser_test.go", "veche/db/dbtest", "", ""},
		{"cmd/portal/main_test.go", "veche/cmd/sim/inbox", "", ""},
		{"cmd/portal/main.go", "veche/cmd/sim/inbox", "", "nothing imports cmd"},
		{"cmd/portal/main_test.go", "veche/cmd/dev", "", "nothing imports cmd"},
		{"handlers/polls/cast_test.go", "veche/cmd/sim/inbox", "", "nothing imports cmd"},
		{"cmd/portal/smtp/smtp.go", "github.com/wneessen/go-mail", "", ""},
		{"db/notifications/mail.go", "github.com/wneessen/go-mail", "", "belongs in cmd"},
		{"cmd/dev/serve.go", "veche/db/localpg", "", ""},
		{"cmd/dev/serve.go", "veche/internal/child", "", ""},
		{"cmd/bench/live/site.go", "veche/hub/localredis", "", ""},
		{"cmd/bench/part/part.go", "veche/internal/child", "", ""},
		{"cmd/sim/main.go", "veche/cmd/sim/inbox", "", ""},
		{"cmd/simple/main.go", "veche/cmd/sim/inbox", "", "nothing imports cmd"},
		{"db/localpg/server.go", "veche/internal/filelock", "", ""},
		{"util/strings.go", "veche/domain/polls", "", "no place among the layers"},

		{"handlers/polls/cast.go", "veche/db/polls", "pollsdb", ""},
		{"handlers/polls/cast.go", "veche/db/polls", "", `but "pollsdb" says`},
		{"handlers/polls/cast.go", "veche/db/polls", "store", `but "pollsdb" says`},
		{"handlers/polls/cast.go", "veche/views/polls", "view", ""},
		{"handlers/polls/cast.go", "veche/views/polls", "", `but "view" says`},
		{"handlers/home/home.go", "veche/views/polls", "pollsview", ""},
		{"handlers/home/home.go", "veche/views/polls", "polls", `but "pollsview" says`},
		{"cmd/portal/polls.go", "veche/handlers/polls", "pollsweb", ""},
		{"cmd/portal/polls.go", "veche/handlers/polls", "", `but "pollsweb" says`},
		{"handlers/polls/cast.go", "veche/domain/polls", "domain", `but "" says`},
		{"handlers/polls/cast.go", "veche/views/words", "", ""},
	} {
		e := edge{file: c.file, to: c.to, alias: c.alias}
		got := wrong(e, []string{"accounts", "event", "payments", "polls"})
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s imports %s %q: got %q, want %q", c.file, c.alias, c.to, got, c.want)
		}
	}
}
