// Package dbtest gives each test a real Postgres database of its own with every
// migration applied.
//
// One server serves all test processes of a run. It is the one that
// VECHE_TEST_DATABASE_URL names (its user must be allowed to make databases), or
// else a scratch server in .veche/test-pg: the first test that needs it starts it
// apart from itself, the others find it, and it ends and removes its data when
// nobody has used it for five minutes. See [Keep].
//
// The migrations are applied once, to a template database named by their hash; a
// test's database is a copy of it and is dropped with the test.
package dbtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"veche/db"
)

// New opens a fresh migrated database for the test.
func New(t testing.TB) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{URL: URL(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// URL makes a fresh migrated database for the test and answers its address, for
// tests that start a whole program.
func URL(t testing.TB) string {
	t.Helper()
	template, err := template()
	if err != nil {
		t.Fatal(err)
	}
	return copyOf(t, template)
}

// Empty is like [URL] without the migrations.
func Empty(t testing.TB) string {
	t.Helper()
	return copyOf(t, "template0")
}

func copyOf(t testing.TB, template string) string {
	t.Helper()
	name := "veche_test_" + strings.ToLower(rand.Text()[:12])
	err := admin(t.Context(), func(conn *pgx.Conn) error {
		_, err := conn.Exec(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+template)
		return err
	})
	if err != nil {
		t.Fatalf("make the test's database: %v", err)
	}
	t.Cleanup(func() {
		// The test's own context has ended by now.
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		err := admin(ctx, func(conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
			return err
		})
		if err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	address, err := on(name)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// admin lends a connection to the server's own database.
func admin(ctx context.Context, do func(*pgx.Conn) error) error {
	address, err := server()
	if err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return fmt.Errorf("reach the test server: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	return do(conn)
}

// on is the address of the named database on the test server.
func on(name string) (string, error) {
	address, err := server()
	if err != nil {
		return "", err
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("VECHE_TEST_DATABASE_URL is not of the form postgres://user:password@host/database")
	}
	u.Path = "/" + name
	return u.String(), nil
}

// templateLock is the number under which test processes agree who migrates.
const templateLock = 0x7665636865 // "veche"

// template names the migrated database, made by whichever process comes first.
var template = sync.OnceValues(func() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	name := "veche_template_" + db.MigrationsHash()
	err := admin(ctx, func(conn *pgx.Conn) error {
		// The lock ends with the connection.
		if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, templateLock); err != nil {
			return err
		}
		var made bool
		err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&made)
		if err != nil || made {
			return err
		}
		return migrate(ctx, conn, name)
	})
	if err != nil {
		return "", fmt.Errorf("make the template database: %w", err)
	}
	return name, nil
})

// migrate makes the template under another name first: one that was interrupted
// must not look finished.
func migrate(ctx context.Context, conn *pgx.Conn, name string) error {
	making := name + "_making"
	for _, statement := range []string{
		"DROP DATABASE IF EXISTS " + making + " WITH (FORCE)",
		"CREATE DATABASE " + making + " TEMPLATE template0",
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	address, err := on(making)
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx, address); err != nil {
		return err
	}
	for {
		_, err := conn.Exec(ctx, "ALTER DATABASE "+making+" RENAME TO "+name)
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || refused.Code != "55006" { // object_in_use
			return err
		}
		// The closed connections of the migration take a moment to end.
		select {
		case <-ctx.Done():
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}
