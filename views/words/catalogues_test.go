package words_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// sentence is what a catalogue says under one id: by plural form, or under "" when
// it has none.
type sentence map[string]string

// catalogue is all sentences of a language, by id.
type catalogue map[string]sentence

var pluralForms = []string{"zero", "one", "two", "few", "many", "other"}

// read gathers the sentences of all files of a language and complains about what
// stands in two of them.
func read(t *testing.T, lang string) catalogue {
	t.Helper()
	files, err := filepath.Glob("*." + lang + ".toml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no catalogues in %s: %v", lang, err)
	}
	all := catalogue{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var tree map[string]any
		if err := toml.Unmarshal(raw, &tree); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		gather(t, file, "", tree, all)
	}
	return all
}

func gather(t *testing.T, file, prefix string, tree map[string]any, all catalogue) {
	t.Helper()
	if forms := plural(tree); forms != nil {
		add(t, file, prefix, forms, all)
		return
	}
	for key, value := range tree {
		id := strings.TrimPrefix(prefix+"."+key, ".")
		switch value := value.(type) {
		case string:
			add(t, file, id, sentence{"": value}, all)
		case map[string]any:
			gather(t, file, id, value, all)
		default:
			t.Errorf("%s: %s is neither a sentence nor a section", file, id)
		}
	}
}

func add(t *testing.T, file, id string, said sentence, all catalogue) {
	t.Helper()
	if _, twice := all[id]; twice {
		t.Errorf("%s says %s, and so does another catalogue", file, id)
	}
	all[id] = said
}

// plural is a table of plural forms, or nil for a section.
func plural(tree map[string]any) sentence {
	forms := sentence{}
	for key, value := range tree {
		text, ok := value.(string)
		if !ok || !slices.Contains(pluralForms, key) {
			return nil
		}
		forms[key] = text
	}
	return forms
}

func TestEveryLanguageSaysEverything(t *testing.T) {
	ru, en := read(t, "ru"), read(t, "en")
	for _, id := range slices.Sorted(maps.Keys(ru)) {
		if _, ok := en[id]; !ok {
			t.Errorf("%s is not said in English", id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(en)) {
		if _, ok := ru[id]; !ok {
			t.Errorf("%s is not said in Russian", id)
		}
	}
}

func TestPluralsAreWhole(t *testing.T) {
	for lang, want := range map[string][]string{
		"ru": {"few", "many", "one", "other"},
		"en": {"one", "other"},
	} {
		for id, said := range read(t, lang) {
			if _, plain := said[""]; plain {
				continue
			}
			if got := slices.Sorted(maps.Keys(said)); !slices.Equal(got, want) {
				t.Errorf("%s: %s has the forms %v, not %v", lang, id, got, want)
			}
		}
	}
}

var placeholder = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

// placeholders are the names a sentence speaks of, in all its forms together:
// "one" may well do without the number.
func placeholders(said sentence) []string {
	names := map[string]bool{}
	for _, text := range said {
		for _, found := range placeholder.FindAllStringSubmatch(text, -1) {
			names[found[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func TestLanguagesSpeakOfTheSameThings(t *testing.T) {
	en := read(t, "en")
	for id, said := range read(t, "ru") {
		other, ok := en[id]
		if !ok {
			continue
		}
		if ours, theirs := placeholders(said), placeholders(other); !slices.Equal(ours, theirs) {
			t.Errorf("%s: %v in Russian, %v in English", id, ours, theirs)
		}
		if _, plain := said[""]; plain != (other[""] != "") {
			t.Errorf("%s is counted in one language and not in the other", id)
		}
	}
}

func TestSentencesAreClean(t *testing.T) {
	for _, lang := range []string{"ru", "en"} {
		for id, said := range read(t, lang) {
			for _, text := range said {
				if strings.TrimSpace(text) != text || text == "" {
					t.Errorf("%s: %s is empty or has spaces around it: %q", lang, id, text)
				}
				if strings.Contains(text, "{{") && !placeholder.MatchString(text) {
					t.Errorf("%s: %s has a placeholder that is none: %q", lang, id, text)
				}
			}
		}
	}
}
