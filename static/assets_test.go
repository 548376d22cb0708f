package static_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/gofiber/fiber/v2"

	"veche/static"
)

func get(t *testing.T, app *fiber.App, path string, headers ...string) *http.Response {
	t.Helper()
	request := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := app.Test(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return answer
}

func server(t *testing.T) *fiber.App {
	t.Helper()
	if err := static.Check(); err != nil {
		t.Fatal(err)
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Use(strings.TrimSuffix(static.Prefix, "/"), static.Handler())
	return app
}

func body(t *testing.T, r io.Reader) []byte {
	t.Helper()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// A page in a village on an old phone has to work: everything that moves fits into
// 60 KB on the way.
func TestAllScriptsTogetherAreSmall(t *testing.T) {
	server(t)
	scripts, err := filepath.Glob("dist/*.js")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("scripts: %v, %v", scripts, err)
	}
	var packed bytes.Buffer
	for _, script := range scripts {
		content, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		pack := gzip.NewWriter(&packed)
		if _, err := pack.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := pack.Close(); err != nil {
			t.Fatal(err)
		}
	}
	const most = 60 << 10
	if packed.Len() > most {
		t.Errorf("the scripts have %d bytes packed, at most %d are fine", packed.Len(), most)
	}
}

func TestAssetsMayBeKeptForEver(t *testing.T) {
	app := server(t)
	for name, contentType := range map[string]string{
		"app.js":                                "text/javascript; charset=utf-8",
		"app.css":                               "text/css; charset=utf-8",
		"veche.svg":                             "image/svg+xml",
		"golos-text-cyrillic-wght-normal.woff2": "font/woff2",
	} {
		answer := get(t, app, static.URL(name))
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("%s answers %d", static.URL(name), answer.StatusCode)
		}
		if got := answer.Header.Get("Content-Type"); got != contentType {
			t.Errorf("%s is %q", name, got)
		}
		if got := answer.Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("%s may be kept: %q", name, got)
		}
		again := get(t, app, static.URL(name), "If-None-Match", answer.Header.Get("ETag"))
		if again.StatusCode != http.StatusNotModified {
			t.Errorf("%s, asked for again, answers %d", name, again.StatusCode)
		}
	}
	if answer := get(t, app, "/static/nothing.js"); answer.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown asset answers %d", answer.StatusCode)
	}
}

func TestBrowserChoosesTheCompression(t *testing.T) {
	app := server(t)
	plain := body(t, get(t, app, static.URL("app.css"), "Accept-Encoding", "br;q=0, gzip;q=0").Body)
	for _, test := range []struct {
		accept, encoding string
		open             func(io.Reader) (io.Reader, error)
	}{
		{"gzip, deflate, br", "br", func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil }},
		{"gzip;q=0.8, br;q=0.0", "gzip", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
		{"identity", "", func(r io.Reader) (io.Reader, error) { return r, nil }},
	} {
		answer := get(t, app, static.URL("app.css"), "Accept-Encoding", test.accept)
		if got := answer.Header.Get("Content-Encoding"); got != test.encoding {
			t.Errorf("%q gets %q", test.accept, got)
			continue
		}
		reader, err := test.open(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(body(t, reader), plain) {
			t.Errorf("%q gets other content", test.accept)
		}
	}
}

// An ordinary page loads one script; old phones on slow lines pay for each byte.
func TestScriptOfAPageIsSmall(t *testing.T) {
	const limit = 60 << 10
	answer := get(t, server(t), static.URL("app.js"), "Accept-Encoding", "gzip")
	if size := len(body(t, answer.Body)); size > limit {
		t.Errorf("app.js is %d bytes gzipped, at most %d are allowed", size, limit)
	}
}

var iconUse = regexp.MustCompile(`(?:\bIcon\(|\bIcon:\s*|\.Empty\()"([a-z0-9-]+)"`)

// Every icon that a view names is drawn, and none is carried for nobody.
func TestIconsAreThereAndUsed(t *testing.T) {
	if err := static.Check(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile("icons/icons.json")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	if err := json.Unmarshal(raw, &listed); err != nil {
		t.Fatal(err)
	}

	views := ""
	err = filepath.WalkDir("../views", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		generated := strings.HasSuffix(path, "_templ.go") || strings.HasSuffix(path, "_test.go")
		if !strings.HasSuffix(path, ".templ") && !strings.HasSuffix(path, ".go") || generated {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, found := range iconUse.FindAllStringSubmatch(string(source), -1) {
			if _, ok := static.Icon(found[1]); !ok {
				t.Errorf("%s names the icon %q, which is not in icons/icons.json", path, found[1])
			}
		}
		views += string(source)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range listed {
		if !strings.Contains(views, `"`+name+`"`) {
			t.Errorf("the icon %q is listed and used nowhere", name)
		}
	}
}
