package words_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/a-h/templ/parser/v2"
	"github.com/a-h/templ/parser/v2/visitor"
)

const repository = "../.."

// sources calls visit with every hand-written .go and .templ file that is no test.
func sources(t *testing.T, visit func(path, source string)) {
	t.Helper()
	seen := 0
	err := filepath.WalkDir(repository, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); name == "node_modules" || name != ".." && strings.HasPrefix(name, ".") && len(name) > 2 {
				return fs.SkipDir
			}
			return nil
		}
		written := strings.HasSuffix(path, ".templ") ||
			strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_templ.go") && !strings.HasSuffix(path, "_test.go")
		if !written {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		seen++
		visit(filepath.ToSlash(strings.TrimPrefix(path, repository+"/")), string(source))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 20 {
		t.Fatalf("only %d source files found: is this the repository?", seen)
	}
}

var (
	literal = regexp.MustCompile(`"([a-z][a-z0-9_-]*(?:\.[a-z0-9_-]*)+)"`)
	// asked are the ids that code speaks: the words themselves, and problems, whose
	// messages are ids.
	asked      = regexp.MustCompile(`\bwords\.(?:T|N|Forms)\(\s*[\w.()]+,\s*"([^"]+)"`)
	askedUI    = regexp.MustCompile(`\bForms\(\s*\w+,\s*"[^"]+",\s*"([^"]+)"`)
	problems   = regexp.MustCompile(`\bproblem\.(?:New|InField)\(([^)]*)\)`)
	idInQuotes = regexp.MustCompile(`"([a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+)+)"`)
)

func TestCodeSaysOnlyWhatTheCataloguesKnow(t *testing.T) {
	ru := read(t, "ru")
	sources(t, func(path, source string) {
		check := func(id string) {
			if strings.HasSuffix(id, ".") { // put together with what follows
				return
			}
			if _, ok := ru[id]; !ok {
				t.Errorf("%s says %s, which no catalogue has", path, id)
			}
		}
		for _, pattern := range []*regexp.Regexp{asked, askedUI} {
			for _, found := range pattern.FindAllStringSubmatch(source, -1) {
				check(found[1])
			}
		}
		for _, call := range problems.FindAllStringSubmatch(source, -1) {
			for _, found := range idInQuotes.FindAllStringSubmatch(call[1], -1) {
				check(found[1])
			}
		}
	})
}

// A sentence that nobody says is left over. An id counts as said when it stands in
// the code, or when its beginning does with a dot at the end, as in "poll.state."
// before the name of a state.
func TestCataloguesKnowOnlyWhatCodeSays(t *testing.T) {
	said := map[string]bool{}
	var beginnings []string
	sources(t, func(_, source string) {
		for _, found := range literal.FindAllStringSubmatch(source, -1) {
			said[found[1]] = true
			if strings.HasSuffix(found[1], ".") {
				beginnings = append(beginnings, found[1])
			}
		}
	})
	for _, id := range slices.Sorted(maps.Keys(read(t, "ru"))) {
		begun := func(beginning string) bool { return strings.HasPrefix(id, beginning) }
		if !said[id] && !slices.ContainsFunc(beginnings, begun) {
			t.Errorf("%s is in the catalogues and nobody says it", id)
		}
	}
}

// Attributes that people read or hear.
var spoken = []string{"aria-label", "aria-description", "aria-roledescription", "title", "placeholder", "alt", "label", "data-say"}

func TestViewsHoldNoRawText(t *testing.T) {
	sources(t, func(path, _ string) {
		if !strings.HasSuffix(path, ".templ") {
			return
		}
		file, err := parser.Parse(filepath.Join(repository, path))
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return
		}
		look := visitor.New()
		look.Text = func(text *parser.Text) error {
			if isSpeech(text.Value) {
				t.Errorf("%s:%d: the text %q belongs into the catalogues", path, text.Range.From.Line+1, strings.TrimSpace(text.Value))
			}
			return nil
		}
		look.ConstantAttribute = func(attribute *parser.ConstantAttribute) error {
			if slices.Contains(spoken, attribute.Key.String()) && isSpeech(attribute.Value) {
				t.Errorf("%s: %s=%q belongs into the catalogues", path, attribute.Key, attribute.Value)
			}
			return nil
		}
		if err := file.Visit(look); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	})
}

var entity = regexp.MustCompile(`&\w+;`)

// isSpeech: two letters make a word; a dash, a dot or an arrow do not.
func isSpeech(text string) bool {
	letters := 0
	for _, r := range entity.ReplaceAllString(text, "") {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters >= 2
}
