package localpg

import (
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestChoiceOfServer(t *testing.T) {
	t.Parallel()
	old := Installation{Bin: "/old", Major: 14}
	debian := Installation{Bin: "/debian", Major: 15}
	newer := Installation{Bin: "/newer", Major: 17}
	npm := Installation{Bin: "/npm", Major: 18, npm: true}
	for _, c := range []struct {
		name  string
		have  []Installation
		major int
		want  string // the folder, or part of the error
	}{
		{"the newest of the machine", []Installation{debian, newer, npm}, 0, "/newer"},
		{"the machine before npm", []Installation{npm, debian}, 0, "/debian"},
		{"npm when the machine's is too old", []Installation{old, npm}, 0, "/npm"},
		{"what made the data", []Installation{debian, newer, npm}, 18, "/npm"},
		{"old data stay with their server", []Installation{debian, newer}, 15, "/debian"},
		{"nothing at all", nil, 0, "no Postgres server"},
		{"only too old", []Installation{old}, 0, "no Postgres server"},
		{"the data's server is gone", []Installation{newer}, 15, "made by Postgres 15"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := choose(c.have, c.major)
			answer := got.Bin
			if err != nil {
				answer = err.Error()
			}
			if !strings.Contains(answer, c.want) {
				t.Errorf("got %q, want %q", answer, c.want)
			}
		})
	}
}

func TestNPMPackageIsMadeUsable(t *testing.T) {
	t.Parallel()
	native := filepath.Join(t.TempDir(), "native")
	write(t, filepath.Join(native, "bin/postgres"), "#!/bin/sh\necho postgres", 0o644)
	write(t, filepath.Join(native, "lib/libpq.so.5.18"), "library", 0o644)
	write(t, filepath.Join(native, "pg-symlinks.json"),
		`[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}]`, 0o644)
	for range 2 { // the second time everything is there already
		if err := restore(native); err != nil {
			t.Fatal(err)
		}
	}
	if to, err := os.Readlink(filepath.Join(native, "lib/libpq.so.5")); err != nil || to != "libpq.so.5.18" {
		t.Errorf("the link leads to %q (%v)", to, err)
	}
	if info, err := os.Stat(filepath.Join(native, "bin/postgres")); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("the program's mode is %v (%v)", info.Mode(), err)
	}
}

func TestNPMPackageCannotLinkOutsideItself(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"../../etc/cron.d/job", "/etc/cron.d/job"} {
		native := filepath.Join(t.TempDir(), "native")
		write(t, filepath.Join(native, "pg-symlinks.json"), `[{"source":"native/lib/a","target":"`+target+`"}]`, 0o644)
		if err := restore(native); err == nil || !strings.Contains(err.Error(), "leaves the package") {
			t.Errorf("%s: %v", target, err)
		}
	}
}

// Root's own folders are closed to the user who runs Postgres for root; anybody
// else keeps data exactly where told.
func TestFolderClosedToTheServersUserIsReplaced(t *testing.T) {
	t.Parallel()
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	asked := filepath.Join(closed, "pg")
	var log strings.Builder
	h, err := newHome(asked, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 {
		if h.dir != asked {
			t.Errorf("the data are kept in %s", h.dir)
		}
		return
	}
	t.Cleanup(func() { _ = os.RemoveAll(h.dir) })
	if !strings.HasPrefix(h.dir, "/var/lib/veche/pg-") || !h.reaches(h.dir) {
		t.Errorf("the data are kept in %s", h.dir)
	}
	if !strings.Contains(log.String(), h.dir) {
		t.Errorf("the log does not say where: %s", log.String())
	}
	if npm, err := FromNPM(""); err == nil {
		copied := t.TempDir() // closed too: the programs cannot be run from here
		if err := os.CopyFS(filepath.Join(copied, "native"), os.DirFS(filepath.Dir(npm.Bin))); err != nil {
			t.Fatal(err)
		}
		npm.Bin = filepath.Join(copied, "native", "bin")
		usable, err := npm.usableBy(h)
		if err != nil {
			t.Fatal(err)
		}
		if out, err := h.command(filepath.Join(usable.Bin, "postgres"), "--version").CombinedOutput(); err != nil {
			t.Errorf("user %s cannot run %s: %v: %s", h.user, usable.Bin, err, out)
		}
	} else if runtime.GOOS == "linux" && (runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64") {
		t.Errorf("npm has no Postgres here: %v", err)
	}
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}
