package static

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// leakedFile holds the leaked passwords, sorted, one a line. It is for the program
// and is not served.
const leakedFile = "passwords.txt.gz"

func readLeaked(dist fs.FS) ([]string, error) {
	packed, err := fs.ReadFile(dist, leakedFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotBuilt
	}
	if err != nil {
		return nil, fmt.Errorf("static: read leaked passwords: %w", err)
	}
	unpack, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("static: unpack leaked passwords: %w", err)
	}
	text, err := io.ReadAll(unpack)
	if err != nil {
		return nil, fmt.Errorf("static: unpack leaked passwords: %w", err)
	}
	return strings.Split(string(text), "\n"), nil
}

// LeakedPassword says whether a word in small letters is among the leaked passwords
// that attackers try first. Check says beforehand whether the list is there.
func LeakedPassword(word string) bool {
	_, found := slices.BinarySearch(load().leaked, word)
	return found
}

// LeakedPasswords is how many LeakedPassword knows.
func LeakedPasswords() int { return len(load().leaked) }
