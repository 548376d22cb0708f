package static_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	comments  = regexp.MustCompile(`(?s)/\*.*?\*/`)
	condition = regexp.MustCompile(`@(media|container|import|supports)[^{;]*[{;]`)
	rawColour = regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|\b(rgba?|hsla?|oklch|oklab|lab|lch|color)\(|:\s*(white|black|red|blue|green|gray|grey)\b`)
	rawSize   = regexp.MustCompile(`\b\d*\.?\d+(px|pt|cm)\b`)
)

// Colours and pixels are named in tokens.css alone, so that a scheme or a scale is
// changed in one place. Lengths that follow the text (em, rem) or the place (%, fr,
// vw) may stand where they are used; so may the widths at which a layout turns.
func TestOnlyTokensNameColoursAndPixels(t *testing.T) {
	sheets, err := filepath.Glob("css/*.css")
	if err != nil || len(sheets) < 10 {
		t.Fatalf("style sheets: %v, %v", sheets, err)
	}
	for _, sheet := range sheets {
		if filepath.Base(sheet) == "tokens.css" {
			continue
		}
		raw, err := os.ReadFile(sheet)
		if err != nil {
			t.Fatal(err)
		}
		css := condition.ReplaceAllString(comments.ReplaceAllString(string(raw), ""), "{")
		for _, found := range rawColour.FindAllString(css, -1) {
			t.Errorf("%s names the colour %q", sheet, strings.TrimSpace(found))
		}
		for _, found := range rawSize.FindAllString(css, -1) {
			t.Errorf("%s names the size %q", sheet, found)
		}
	}
}

// A role that is used and not defined would silently be nothing.
func TestEveryUsedTokenIsDefined(t *testing.T) {
	sheets, err := filepath.Glob("css/*.css")
	if err != nil {
		t.Fatal(err)
	}
	defined, used := map[string]bool{}, map[string]string{}
	for _, sheet := range sheets {
		raw, err := os.ReadFile(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`(?m)^\s*(--[\w-]+):`).FindAllStringSubmatch(string(raw), -1) {
			defined[found[1]] = true
		}
		for _, found := range regexp.MustCompile(`var\((--[\w-]+)`).FindAllStringSubmatch(string(raw), -1) {
			used[found[1]] = sheet
		}
	}
	for name, sheet := range used {
		if !defined[name] {
			t.Errorf("%s uses %s, which nobody defines", sheet, name)
		}
	}
	for name := range defined {
		if used[name] == "" {
			t.Errorf("%s is defined and used nowhere", name)
		}
	}
}
