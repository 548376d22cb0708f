package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestShapesAreStrippedToTheDrawing(t *testing.T) {
	drawing := `<!-- @license -->
<svg class="lucide" width="24">
  <path d="M1 2 &amp; 3" />
  <circle cx="12" r="4" />
</svg>`
	got, err := shapes(strings.NewReader(drawing))
	if err != nil {
		t.Fatal(err)
	}
	if want := `<path d="M1 2 &amp; 3"/><circle cx="12" r="4"/>`; got != want {
		t.Errorf("the shapes are %s", got)
	}
	if _, err := shapes(strings.NewReader("<svg><path></svg>")); err == nil {
		t.Error("a broken drawing passes")
	}
}

func TestLeakedPasswordsAreSortedSmallAndSingle(t *testing.T) {
	packed, err := packWords([]string{"qwerty", "Dragon", "", "dragon", "two\nlines"})
	if err != nil {
		t.Fatal(err)
	}
	unpack, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unpack)
	if err != nil || string(text) != "dragon\nqwerty" {
		t.Errorf("the list is %q (%v)", text, err)
	}
}

func TestOutputLeavesOnlyThisBuild(t *testing.T) {
	dir := t.TempDir()
	stale := filepath.Join(dir, "app-OLD.js")
	if err := os.WriteFile(stale, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	out := &output{dir: dir, manifest: map[string]string{"app.js": "app-NEW.js"}}
	long := []byte(strings.Repeat("new ", 1000))
	if err := out.write("app-NEW.js", long); err != nil {
		t.Fatal(err)
	}
	if err := out.compress("app-NEW.js", long); err != nil {
		t.Fatal(err)
	}
	if err := out.finish(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(stale); !os.IsNotExist(err) {
		t.Error("the file of an earlier build is still there")
	}
	for _, name := range []string{"app-NEW.js", "app-NEW.js.gz", "app-NEW.js.br", "manifest.json", ".keep"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("%s is missing: %v", name, err)
		}
	}
}

func TestNamesLeadFromHashToSource(t *testing.T) {
	names, err := plainNames(`{"outputs": {
		"static/dist/app-A1.js": {"entryPoint": "static/js/app.js", "inputs": {"static/js/app.js": {}, "node_modules/x.js": {}}},
		"static/dist/font-B2.woff2": {"inputs": {"node_modules/golos/font.woff2": {}}}
	}}`)
	if err != nil {
		t.Fatal(err)
	}
	if names["app-A1.js"] != "app.js" || names["font-B2.woff2"] != "font.woff2" {
		t.Errorf("the names are %v", names)
	}
}
