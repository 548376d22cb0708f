package arch

import (
	"bytes"
	"crypto/sha256"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// notSources are the folders that git ignores, and its own.
var notSources = []string{".git", ".veche", "node_modules", "static/dist", "bin", "shots"}

// sources are the files of the repository, by their paths from its root.
func sources(t *testing.T) iter.Seq[string] {
	t.Helper()
	return func(yield func(string) bool) {
		err := fs.WalkDir(os.DirFS(root), ".", func(file string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && (slices.Contains(notSources, file) || entry.Name() == "testdata"):
				return fs.SkipDir
			case entry.Type().IsRegular() && !yield(file):
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestFilesAreShortEnoughToRead(t *testing.T) {
	t.Parallel()
	for file := range sources(t) {
		if why := tooLong(file, read(t, file)); why != "" {
			t.Errorf("%s %s", file, why)
		}
	}
}

const longestFile = 600 // lines

func tooLong(file string, text []byte) string {
	if path.Ext(file) == ".go" && !strings.HasSuffix(file, "_templ.go") && bytes.Count(text, []byte("\n")) > longestFile {
		return "is longer than 600 lines: look for the second idea in it"
	}
	return ""
}

// Third-party scripts, styles, drawings and fonts come from npm and are built into
// static/dist.
func TestNothingOfThirdPartiesIsCommitted(t *testing.T) {
	t.Parallel()
	published := packages(t)
	for file := range sources(t) {
		if why := thirdParty(file, read(t, file), published); why != "" {
			t.Errorf("%s %s", file, why)
		}
	}
}

var webFile = regexp.MustCompile(`\.(js|mjs|cjs|ts|css|svg)$`)

var (
	font     = regexp.MustCompile(`\.(woff2?|ttf|otf|eot)$`)
	minified = regexp.MustCompile(`[.-]min\.(js|mjs|css)$`)
	banner   = regexp.MustCompile(`(?i)/\*!|@license|@preserve|\(c\) *\d{4}|©|sourceMappingURL|released under the`)
)

// thirdParty says why a file looks like somebody else's. published are the digests
// of the web files in node_modules.
func thirdParty(file string, text []byte, published map[[32]byte]string) string {
	switch {
	case font.MatchString(file):
		return "is a font"
	case minified.MatchString(file):
		return "is a minified file"
	case !webFile.MatchString(file):
		return ""
	}
	if from, known := published[sha256.Sum256(text)]; known {
		return "is a copy of " + from
	}
	if path.Ext(file) == ".svg" {
		return ""
	}
	if found := banner.Find(text); found != nil {
		return "carries a publisher's mark: " + string(found)
	}
	for line := range bytes.Lines(text) {
		if len(line) > 1000 {
			return "has lines that nobody typed"
		}
	}
	return ""
}

func packages(t *testing.T) map[[32]byte]string {
	t.Helper()
	found := map[[32]byte]string{}
	err := fs.WalkDir(os.DirFS(filepath.Join(root, "node_modules")), ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || !webFile.MatchString(file) {
			return err
		}
		found[sha256.Sum256(read(t, path.Join("node_modules", file)))] = file
		return nil
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("node_modules has %d files to compare with (%v): run make setup", len(found), err)
	}
	return found
}

func TestForeignFilesAreRecognised(t *testing.T) {
	t.Parallel()
	published := map[[32]byte]string{sha256.Sum256([]byte("let a = 1\n")): "some/lib.js"}
	for _, c := range []struct{ file, text, want string }{
		{"static/js/app.js", "// The page's script.\nlet b = 2\n", ""},
		{"static/js/lib.js", "let a = 1\n", "copy of some/lib.js"},
		{"static/js/x.js", "/*! x v1.0 */", "publisher's mark"},
		{"static/js/x.js", "// (c) 2020 X", "publisher's mark"},
		{"static/css/x.min.css", "a{}", "minified"},
		{"static/js/x.js", strings.Repeat("a", 1001), "nobody typed"},
		{"static/fonts/golos.woff2", "wOF2", "font"},
		{"docs/notes.md", "/*! x */", ""},
	} {
		if got := thirdParty(c.file, []byte(c.text), published); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.file, got, c.want)
		}
	}
	long := []byte(strings.Repeat("\n", longestFile+1))
	if tooLong("db/polls/reads.go", long) == "" || tooLong("views/polls/page_templ.go", long) != "" {
		t.Error("long files are not told apart")
	}
}

// An address in the lock file would tie every clone to the registry of the machine
// that wrote it.
func TestLockFileNamesNoRegistry(t *testing.T) {
	t.Parallel()
	lock := read(t, "package-lock.json")
	for _, mark := range []string{`"resolved"`, "http://", "https://registry"} {
		if bytes.Contains(lock, []byte(mark)) {
			t.Errorf("package-lock.json contains %s: run npm install in this folder, where .npmrc leaves addresses out", mark)
		}
	}
}
