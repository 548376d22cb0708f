package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"veche/db/localpg"
)

func get(url string) (string, error) {
	response, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

// Every common mishap is told in one sentence, before anything is built.
func TestMishapsAreNamedAtOnce(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	port := portOf(t, taken.Addr().String())
	nobody := freePort(t)
	for name, c := range map[string]struct {
		environ []string
		change  func(*config)
		want    string
	}{
		"portal's port": {change: func(c *config) { c.port = port }, want: fmt.Sprintf("port %d is in use by another program", port)},
		"sim's port":    {change: func(c *config) { c.simPort = port }, want: fmt.Sprintf("choose another port, for example SIM_PORT=%d", port+1000)},
		"no assets":     {change: func(c *config) { _ = os.RemoveAll(filepath.Join(c.root, "static")) }, want: "run `make setup`"},
		"no database": {
			environ: []string{fmt.Sprintf("VECHE_DATABASE_URL=postgres://me:hidden@127.0.0.1:%d/town", nobody)},
			want:    "the database of VECHE_DATABASE_URL cannot be used",
		},
		"not an address": {environ: []string{"VECHE_DATABASE_URL=town hall"}, want: "the database of VECHE_DATABASE_URL cannot be used"},
		"no Redis":       {environ: []string{fmt.Sprintf("VECHE_REDIS_URL=redis://127.0.0.1:%d", nobody)}, want: "the Redis of VECHE_REDIS_URL does not answer"},
		"no Redis URL":   {environ: []string{"VECHE_REDIS_URL=town hall"}, want: "VECHE_REDIS_URL is not an address of Redis"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			town := town(t, c.environ...)
			if c.change != nil {
				c.change(&town)
			}
			s := start(t, town)
			err := s.end()
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("it says %v, want %q", err, c.want)
			}
			if strings.Contains(fmt.Sprint(err), "hidden") {
				t.Errorf("it tells the password: %v", err)
			}
			if strings.Contains(s.printed.String(), "building") {
				t.Error("it began long work first")
			}
		})
	}
}

func TestSecondRunInTheFolderIsRefused(t *testing.T) {
	t.Parallel()
	c := town(t, given(t)...)
	start(t, c).untilReady()
	c.port, c.simPort = freePort(t), freePort(t)
	err := start(t, c).end()
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("already runs in this folder (process %d)", os.Getpid())) {
		t.Errorf("the second run says %v", err)
	}
}

func TestBrokenDatabaseIsNamed(t *testing.T) {
	t.Parallel()
	c := town(t)
	server, err := localpg.Start(t.Context(), postgresOptions(c))
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(server.Dir(), "data", "global", "pg_control")); err != nil {
		t.Fatal(err)
	}
	err = start(t, c).end()
	if err == nil || !strings.Contains(err.Error(), "the Postgres server did not start") {
		t.Errorf("it says %v", err)
	}
	if lines := strings.Count(fmt.Sprint(err), "\n"); lines > 0 {
		t.Errorf("it says %d lines, want one sentence: %v", lines+1, err)
	}
}

func TestDatabaseOfARemovedPostgresIsNamed(t *testing.T) {
	t.Parallel()
	c := town(t)
	data := filepath.Join(c.keep, "pg", "data")
	if err := os.MkdirAll(data, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("9\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := start(t, c).end(); err == nil || !strings.Contains(err.Error(), "made by Postgres 9") {
		t.Errorf("it says %v", err)
	}
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		"PORT=http":     `PORT is "http", but must be a port from 1 to 65535`,
		"PORT=0":        `PORT is "0"`,
		"SIM_PORT=8080": "PORT and SIM_PORT are both 8080",
	} {
		err := run(context.Background(), nil, []string{setting}, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: it says %v", setting, err)
		}
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	if err := run(context.Background(), []string{"help"}, nil, &said, io.Discard); err != nil || !strings.Contains(said.String(), "SIM_PORT") {
		t.Errorf("help says %q (%v)", said.String(), err)
	}
	if err := run(context.Background(), []string{"fly"}, nil, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), `"fly"`) {
		t.Errorf("an unknown argument gives %v", err)
	}
}
