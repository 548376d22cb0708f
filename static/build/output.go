package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/andybalholm/brotli"
)

// output is the folder being filled. Files of an earlier build are removed only
// at the end, so that a program compiled meanwhile finds a whole set.
type output struct {
	dir      string
	manifest map[string]string
	written  []string
}

func (o *output) write(name string, content []byte) error {
	path := filepath.Join(o.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make folder for %s: %w", name, err)
	}
	o.written = append(o.written, filepath.ToSlash(name))
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content) {
		return nil
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// compress writes .gz and .br beside a file that becomes at least a tenth smaller
// by it; fonts and pictures do not.
func (o *output) compress(name string, content []byte) error {
	var zipped bytes.Buffer
	gz, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := gz.Write(content); err != nil {
		return fmt.Errorf("gzip %s: %w", name, err)
	}
	if err := gz.Close(); err != nil {
		return fmt.Errorf("gzip %s: %w", name, err)
	}
	if zipped.Len() > len(content)*9/10 {
		return nil
	}

	var brotlied bytes.Buffer
	br := brotli.NewWriterLevel(&brotlied, brotli.BestCompression)
	if _, err := br.Write(content); err != nil {
		return fmt.Errorf("brotli %s: %w", name, err)
	}
	if err := br.Close(); err != nil {
		return fmt.Errorf("brotli %s: %w", name, err)
	}
	if err := o.write(name+".gz", zipped.Bytes()); err != nil {
		return err
	}
	return o.write(name+".br", brotlied.Bytes())
}

// finish writes the manifest and removes what this build did not write. The empty
// .keep is the one file of dist under version control: without it a program could
// not be compiled before its assets are built.
func (o *output) finish() error {
	manifest, err := json.MarshalIndent(o.manifest, "", "  ")
	if err != nil {
		return err
	}
	if err := o.write("manifest.json", append(manifest, '\n')); err != nil {
		return err
	}

	if err := o.write(".keep", nil); err != nil {
		return err
	}

	current := map[string]bool{}
	for _, name := range o.written {
		current[name] = true
	}
	return filepath.WalkDir(o.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(o.dir, path)
		if err != nil || current[filepath.ToSlash(name)] {
			return err
		}
		return os.Remove(path)
	})
}
