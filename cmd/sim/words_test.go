package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

var plurals = []string{"zero", "one", "two", "few", "many", "other"}

// flatten turns nested tables into dotted keys; the plural forms of a text are
// one key.
func flatten(into map[string]bool, prefix string, table map[string]any) {
	for key, value := range table {
		switch inner, isTable := value.(map[string]any); {
		case slices.Contains(plurals, key) && !isTable:
			into[strings.TrimSuffix(prefix, ".")] = true
		case isTable:
			flatten(into, prefix+key+".", inner)
		default:
			into[prefix+key] = true
		}
	}
}

func keysOf(t *testing.T, file string) map[string]bool {
	t.Helper()
	var table map[string]any
	if _, err := toml.DecodeFile(file, &table); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	keys := map[string]bool{}
	flatten(keys, "", table)
	return keys
}

// composed are keys that templates put together from a value.
var composed = regexp.MustCompile(`^(inbox|mail|sms|oidc|registers)\.(name|about)$|` +
	`^sms\.fixture\.(absent|late|refused|busy|silent)$|^sms\.status\.(accepted|delivered|failed)$|` +
	`^sms\.receipt\.(none|waiting|taken|lost)$|` +
	`^oidc\.(issuer|says)\.(esia|bank|social)$|^oidc\.scope\.(profile|email|phone|address|documents)$|` +
	`^oidc\.method\.(otp|face|token)$|^oidc\.level\.(low|substantial|high)$|^oidc\.state\.(waiting|taken|refused|lost)$|` +
	`^registers\.trial\.(anyone|lost|foreign|slow|never|away)$|^registers\.status\.(pending|match|mismatch)$|` +
	`^registers\.reason\.(unknown|invalid|name|birthdate)$`)

var (
	literalKey = regexp.MustCompile(`\b[TN] "([a-z_.]+)"|\bT\("([a-z_.]+)"`)
	cyrillic   = regexp.MustCompile(`[А-Яа-яЁё]`)
)

func TestEveryTextIsInBothLanguagesAndUsed(t *testing.T) {
	known := map[string]bool{}
	catalogues, err := filepath.Glob("*/words.ru.toml")
	if err != nil || len(catalogues) < 4 {
		t.Fatalf("catalogues %q, err %v", catalogues, err)
	}
	for _, russian := range catalogues {
		ru, en := keysOf(t, russian), keysOf(t, strings.Replace(russian, ".ru.", ".en.", 1))
		if !maps.Equal(ru, en) {
			t.Errorf("%s: the languages differ: ru %q, en %q", russian, missing(ru, en), missing(en, ru))
		}
		maps.Copy(known, ru)
	}

	used := map[string]bool{}
	templates, _ := filepath.Glob("*/*.html")
	sources, _ := filepath.Glob("*/*.go")
	for _, file := range append(templates, sources...) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, ".html") && cyrillic.Match(content) {
			t.Errorf("%s has Russian text outside the catalogue", file)
		}
		for _, match := range literalKey.FindAllStringSubmatch(string(content), -1) {
			used[match[1]+match[2]] = true
		}
	}
	for key := range used {
		if !known[key] {
			t.Errorf("%s is in no catalogue", key)
		}
	}
	for key := range known {
		if !used[key] && !composed.MatchString(key) {
			t.Errorf("%s is used nowhere", key)
		}
	}
}

func missing(all, from map[string]bool) string {
	var keys []string
	for key := range all {
		if !from[key] {
			keys = append(keys, key)
		}
	}
	return fmt.Sprint(keys)
}
