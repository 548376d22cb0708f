package localpg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// oldest is the first release whose databases can sort by ICU rules.
const oldest = 15

// Installation is a folder with the programs postgres and initdb.
type Installation struct {
	Bin     string // the folder
	Major   int    // 15
	Version string // "15.18"
	npm     bool   // unpacked from an npm package
}

// Installed lists the server programs of this machine: those on PATH, those where
// Debian, Red Hat and Homebrew put them, and last the npm package.
func Installed() []Installation {
	var bins []string
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			bins = append(bins, filepath.Dir(path))
		}
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin",
	} {
		found, _ := filepath.Glob(pattern) // only a malformed pattern fails
		bins = append(bins, found...)
	}
	var all []Installation
	for _, bin := range bins {
		known := slices.ContainsFunc(all, func(i Installation) bool { return i.Bin == bin })
		if i, err := inspect(bin); err == nil && !known {
			all = append(all, i)
		}
	}
	if i, err := FromNPM(""); err == nil {
		all = append(all, i)
	}
	return all
}

// choose picks the installation that can open data of the given major release, or
// for data yet to be made (0) the newest of the machine before that of npm.
func choose(all []Installation, major int) (Installation, error) {
	slices.SortStableFunc(all, func(a, b Installation) int {
		if a.npm != b.npm {
			if a.npm {
				return 1
			}
			return -1
		}
		return cmp.Compare(b.Major, a.Major)
	})
	for _, i := range all {
		if i.Major == major || major == 0 && i.Major >= oldest {
			return i, nil
		}
	}
	if major != 0 {
		return Installation{}, fmt.Errorf(
			"the data were made by Postgres %d, which is not on this machine any more: install it, or remove the data to start anew", major)
	}
	return Installation{}, fmt.Errorf(
		"no Postgres server (%d or newer) was found: run `make setup`, which brings one from npm, or install one, or name a database in VECHE_DATABASE_URL", oldest)
}

var versionLine = regexp.MustCompile(`^postgres \(PostgreSQL\) ((\d+)[^ \n]*)`)

// inspect asks the programs in bin for their version.
func inspect(bin string) (Installation, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := os.Stat(filepath.Join(bin, "initdb")); err != nil {
		return Installation{}, err
	}
	out, err := exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "--version").CombinedOutput()
	if err != nil {
		return Installation{}, fmt.Errorf("ask %s for its version: %w: %s", bin, err, out)
	}
	match := versionLine.FindSubmatch(out)
	if match == nil {
		return Installation{}, errors.New(bin + " does not say its version")
	}
	major, err := strconv.Atoi(string(match[2]))
	if err != nil {
		return Installation{}, err
	}
	return Installation{Bin: bin, Major: major, Version: string(match[1])}, nil
}
