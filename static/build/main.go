// Command build makes static/dist: it bundles the scripts and style sheets with
// esbuild, takes fonts, icons and leaked passwords out of node_modules, compresses what gains from
// it and writes manifest.json. Run it from anywhere inside the repository:
//
//	go run ./static/build
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "static/build:", err)
		os.Exit(1)
	}
}

func run() error {
	root, err := repository()
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(root, "node_modules", "htmx.org")); err != nil {
		return errors.New("node_modules is missing: run `npm ci --ignore-scripts` first")
	}

	out := &output{dir: filepath.Join(root, "static", "dist"), manifest: map[string]string{}}
	if err := bundle(root, out); err != nil {
		return err
	}
	if err := icons(root, out); err != nil {
		return err
	}
	if err := passwords(root, out); err != nil {
		return err
	}
	return out.finish()
}

// repository is the folder with go.mod, the current one or one above it.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the current folder: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("not inside the repository: no go.mod here or above")
		}
		dir = parent
	}
}
