// Package static serves what a browser loads besides pages: the script, the
// style sheet, fonts and drawings.
//
// Sources stand here and in node_modules; `go run ./static/build` bundles them
// into dist under names that carry the hash of their content, so that a browser
// may keep them for ever, and writes manifest.json, which leads from the plain
// name to the hashed one. dist is embedded into the program and never committed.
package static

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
)

// Prefix is where Handler is mounted.
const Prefix = "/static/"

//go:embed all:dist
var embedded embed.FS

// ErrNotBuilt says that the program was compiled before its assets were.
var ErrNotBuilt = errors.New("static: assets are not built: run `npm ci --ignore-scripts` and `go run ./static/build`, then build the program again")

// assets is what dist holds, read once.
type assets struct {
	manifest map[string]string // plain name to hashed name
	files    map[string]*file  // hashed name to content
	icons    map[string]string // icon name to <svg> markup
	leaked   []string          // passwords that attackers try first, sorted
	err      error
}

var load = sync.OnceValue(func() *assets {
	dist, err := fs.Sub(embedded, "dist")
	if err != nil {
		return &assets{err: err}
	}
	return read(dist)
})

func read(dist fs.FS) *assets {
	a := &assets{manifest: map[string]string{}, files: map[string]*file{}, icons: map[string]string{}}
	raw, err := fs.ReadFile(dist, "manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		a.err = ErrNotBuilt
		return a
	}
	if err == nil {
		err = json.Unmarshal(raw, &a.manifest)
	}
	if err != nil {
		a.err = fmt.Errorf("static: read manifest: %w", err)
		return a
	}
	for _, hashed := range a.manifest {
		if a.files[hashed], err = readFile(dist, hashed); err != nil {
			a.err = fmt.Errorf("static: read %s: %w", hashed, err)
			return a
		}
	}
	if a.leaked, err = readLeaked(dist); err != nil {
		a.err = err
		return a
	}
	icons, err := fs.Glob(dist, "icons/*.svg")
	if err != nil {
		a.err = fmt.Errorf("static: list icons: %w", err)
		return a
	}
	for _, name := range icons {
		svg, err := fs.ReadFile(dist, name)
		if err != nil {
			a.err = fmt.Errorf("static: read %s: %w", name, err)
			return a
		}
		a.icons[strings.TrimSuffix(strings.TrimPrefix(name, "icons/"), ".svg")] = string(svg)
	}
	return a
}

// Check says whether the assets are there. The server asks at start, so that
// nobody meets a page without its style.
func Check() error { return load().err }

// URL is the address of an asset by its plain name: URL("app.js") is
// "/static/app-5QKX2A.js". An unknown name keeps its plain address, which
// answers 404.
func URL(name string) string {
	if hashed, ok := load().manifest[name]; ok {
		return Prefix + hashed
	}
	return Prefix + name
}

// Icon is the <svg> element of an icon of the list in icons/icons.json.
func Icon(name string) (svg string, ok bool) {
	svg, ok = load().icons[name]
	return svg, ok
}
