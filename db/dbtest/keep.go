package dbtest

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"veche/db/localpg"
	"veche/internal/filelock"
)

// Keep runs the shared scratch server in dir and publishes its address in the file
// url there. It returns, with the server stopped and its data removed, when ctx
// ends, when the file is taken away, or when for the time idle no test process has
// been connected or has asked for the address.
func Keep(ctx context.Context, dir string, idle time.Duration, log *slog.Logger) (err error) {
	s, err := localpg.Start(ctx, localpg.Options{Dir: dir, Scratch: true, Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	url := filepath.Join(dir, urlFile)
	// Readers see all of the address or nothing.
	if err := os.WriteFile(url+".new", []byte(s.URL("postgres")+"\n"), 0o600); err != nil {
		return err
	}
	if err := os.Rename(url+".new", url); err != nil {
		return err
	}
	defer func() { _ = os.Remove(url) }()

	lastUse := time.Now()
	look := time.NewTicker(max(idle/20, 50*time.Millisecond))
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.Done():
			return errors.New("the scratch server ended: " + s.LastWords())
		case <-look.C:
		}
		used, err := inUse(ctx, s)
		if err != nil {
			return err
		}
		asked, err := os.Stat(url)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if used {
			lastUse = time.Now()
		}
		if asked.ModTime().After(lastUse) {
			lastUse = asked.ModTime()
		}
		if time.Since(lastUse) > idle && withdraw(dir, lastUse) {
			return nil
		}
	}
}

// withdraw takes the address back, unless somebody is asking for it or has asked
// since.
func withdraw(dir string, lastUse time.Time) bool {
	lock, err := filelock.Try(filepath.Join(dir, lockFile))
	if err != nil {
		return false
	}
	defer lock.Release()
	url := filepath.Join(dir, urlFile)
	if asked, err := os.Stat(url); err == nil && asked.ModTime().After(lastUse) {
		return false
	}
	return os.Remove(url) == nil
}

// inUse reports whether anybody but the asker is connected.
func inUse(ctx context.Context, s *localpg.Server) (bool, error) {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.Close(ctx) }()
	var used bool
	err = conn.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM pg_stat_activity
			WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
		)`).Scan(&used)
	return used, err
}
