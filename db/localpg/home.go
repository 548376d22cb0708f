package localpg

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// home is the folder of one server and the user it runs as.
type home struct {
	dir  string
	user string              // "" when we run it as ourselves
	as   *syscall.Credential // nil when we run it as ourselves
}

func (h home) data() string    { return filepath.Join(h.dir, "data") }
func (h home) logFile() string { return filepath.Join(h.dir, "postgres.log") }

// newHome makes the folder, in dir or where the server's user can reach it.
func newHome(dir string, log *slog.Logger) (home, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return home{}, err
	}
	h := home{dir: dir}
	if os.Geteuid() == 0 {
		if h.user, h.as, err = unprivileged(); err != nil {
			return home{}, err
		}
	}
	if err := os.MkdirAll(h.dir, 0o755); err != nil {
		return home{}, fmt.Errorf("make the database folder: %w", err)
	}
	if h.reaches(h.dir) {
		return h, nil
	}
	sum := sha256.Sum256([]byte(dir))
	h.dir = filepath.Join("/var/lib/veche", filepath.Base(dir)+"-"+hex.EncodeToString(sum[:4]))
	if err := os.MkdirAll(h.dir, 0o755); err != nil {
		return home{}, fmt.Errorf("make the database folder: %w", err)
	}
	// MkdirAll obeys the umask, which may be stricter than the user needs.
	for _, d := range []string{filepath.Dir(h.dir), h.dir} {
		if err := os.Chmod(d, 0o755); err != nil {
			return home{}, fmt.Errorf("open the database folder: %w", err)
		}
	}
	if !h.reaches(h.dir) {
		return home{}, fmt.Errorf("user %s, who runs Postgres instead of root, may enter neither %s nor %s", h.user, dir, h.dir)
	}
	log.Info("the database is kept elsewhere, because the user who runs Postgres may not enter the folder",
		"user", h.user, "folder", dir, "kept in", h.dir)
	return h, nil
}

// unprivileged names who stands in for root: a system user that Postgres can find
// in the machine's list of users.
func unprivileged() (string, *syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return "", nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return "", nil, err
		}
		return name, &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return "", nil, errors.New("a Postgres server does not run as root, and this machine has neither a user postgres nor nobody to run it")
}

// command prepares a program of Postgres to be run by the server's user.
func (h home) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = h.dir // the working directory of root may be closed to the user
	for _, v := range os.Environ() {
		// PGDATA, PGPORT, LC_ALL and their kind would say otherwise than we do.
		if !strings.HasPrefix(v, "PG") && !strings.HasPrefix(v, "LC_") && !strings.HasPrefix(v, "LANG") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "LC_ALL="+locales()[0])
	if h.as != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: h.as}
	}
	return cmd
}

// reaches tries whether the server's user may enter dir.
func (h home) reaches(dir string) bool {
	if h.as == nil {
		return true
	}
	cmd := exec.Command("/bin/sh", "-c", `cd "$0" && test -r .`, dir)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: h.as}
	return cmd.Run() == nil
}

// own hands path and everything below it to the server's user.
func (h home) own(path string) error {
	if h.as == nil {
		return nil
	}
	return filepath.WalkDir(path, func(p string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Lstat(p)
		if err != nil {
			return err
		}
		if s, ok := info.Sys().(*syscall.Stat_t); ok && s.Uid == h.as.Uid && s.Gid == h.as.Gid {
			return nil
		}
		if err := os.Lchown(p, int(h.as.Uid), int(h.as.Gid)); err != nil {
			return fmt.Errorf("hand the database to user %s: %w", h.user, err)
		}
		return nil
	})
}

// logHas reports whether the log of the server's present life contains text.
func (h home) logHas(text string) bool {
	log, err := os.ReadFile(h.logFile())
	return err == nil && bytes.Contains(log, []byte(text))
}

// lastWords is what the server's log gives as the reason of its end.
func (h home) lastWords() string {
	file, err := os.Open(h.logFile())
	if err != nil {
		return "it left no log"
	}
	defer func() { _ = file.Close() }()
	words := "it gave no reason"
	for scan := bufio.NewScanner(file); scan.Scan(); {
		for _, level := range []string{"FATAL:", "PANIC:"} {
			if _, reason, found := strings.Cut(scan.Text(), level); found {
				words = strings.TrimSpace(reason)
			}
		}
	}
	return fmt.Sprintf("%s (its log is %s)", words, h.logFile())
}
