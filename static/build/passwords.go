package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// passwords takes the leaked passwords that attackers try first out of zxcvbn's
// list, for the program itself: nothing of it is served.
func passwords(root string, out *output) error {
	raw, err := os.ReadFile(filepath.Join(root, "node_modules", "@zxcvbn-ts", "language-common", "src", "passwords.json"))
	if err != nil {
		return fmt.Errorf("read the list of leaked passwords: %w", err)
	}
	var leaked []string
	if err := json.Unmarshal(raw, &leaked); err != nil {
		return fmt.Errorf("read the list of leaked passwords: %w", err)
	}
	packed, err := packWords(leaked)
	if err != nil {
		return fmt.Errorf("pack the list of leaked passwords: %w", err)
	}
	return out.write("passwords.txt.gz", packed)
}

// packWords writes the words in small letters, sorted, each once, one a line.
func packWords(words []string) ([]byte, error) {
	lines := make([]string, 0, len(words))
	for _, word := range words {
		if word = strings.ToLower(word); word != "" && !strings.Contains(word, "\n") {
			lines = append(lines, word)
		}
	}
	slices.Sort(lines)
	var packed bytes.Buffer
	pack, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := pack.Write([]byte(strings.Join(slices.Compact(lines), "\n"))); err != nil {
		return nil, err
	}
	if err := pack.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}
