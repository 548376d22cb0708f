package dbtest_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"veche/db"
	"veche/db/dbtest"
)

func TestEveryTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	first, second := dbtest.New(t), dbtest.New(t)
	for _, d := range []*db.DB{first, second} {
		if err := d.Ready(t.Context()); err != nil {
			t.Errorf("a fresh database is not ready: %v", err)
		}
	}
	if _, err := first.Pool().Exec(t.Context(), `CREATE TABLE mine (x int)`); err != nil {
		t.Fatal(err)
	}
	var shared bool
	err := second.Pool().QueryRow(t.Context(), `SELECT to_regclass('mine') IS NOT NULL`).Scan(&shared)
	if err != nil || shared {
		t.Errorf("the other test sees the table: %v (%v)", shared, err)
	}
}

func TestDatabaseEndsWithItsTest(t *testing.T) {
	t.Parallel()
	var url string
	t.Run("inner", func(t *testing.T) { url = dbtest.URL(t) })
	conn, err := pgx.Connect(t.Context(), url)
	if err == nil {
		_ = conn.Close(t.Context())
	}
	if err == nil || !strings.Contains(err.Error(), "3D000") { // invalid_catalog_name
		t.Errorf("after the test its database answers %v", err)
	}
}

func TestEmptyDatabaseHasNoTables(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), dbtest.Empty(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	var tables int
	err = conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`).Scan(&tables)
	if err != nil || tables != 0 {
		t.Errorf("an empty database has %d tables (%v)", tables, err)
	}
}

func TestIdleServerEnds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // its user must reach it
		t.Fatal(err)
	}
	const idle = 500 * time.Millisecond
	kept := make(chan error, 1)
	go func() { kept <- dbtest.Keep(t.Context(), dir, idle, slog.New(slog.DiscardHandler)) }()

	conn := connectPublished(t, filepath.Join(dir, "url"), kept)
	select {
	case err := <-kept:
		t.Fatalf("the server ended while it was used: %v", err)
	case <-time.After(3 * idle):
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-kept:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the idle server does not end")
	}
	for _, left := range []string{"url", "data"} {
		if _, err := os.Stat(filepath.Join(dir, left)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there (%v)", left, err)
		}
	}
}

func connectPublished(t *testing.T, file string, kept <-chan error) *pgx.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		if url, err := os.ReadFile(file); err == nil {
			conn, err := pgx.Connect(ctx, strings.TrimSpace(string(url)))
			if err != nil {
				t.Fatal(err)
			}
			return conn
		}
		select {
		case err := <-kept:
			t.Fatalf("the server did not start: %v", err)
		case <-ctx.Done():
			t.Fatal("the server does not publish its address")
		case <-time.After(20 * time.Millisecond):
		}
	}
}
