package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"veche/db/localpg"
)

func TestDumpIsMadeReadable(t *testing.T) {
	t.Parallel()
	dump := `--
-- PostgreSQL database dump
--

\restrict abc

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

SET default_tablespace = '';

--
-- Name: polls; Type: TABLE
--

CREATE TABLE public.polls (
    id bigint NOT NULL
);



ALTER TABLE public.polls ADD CONSTRAINT polls_pkey PRIMARY KEY (id);

\unrestrict abc

`
	want := `
CREATE TABLE public.polls (
    id bigint NOT NULL
);

ALTER TABLE public.polls ADD CONSTRAINT polls_pkey PRIMARY KEY (id);
`
	if got := string(readable([]byte(dump))); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Where the machine has pg_dump the file is written; elsewhere it is asked for.
func TestSchemaIsWrittenFromTheMigrations(t *testing.T) {
	t.Parallel()
	c := town(t)
	if err := os.Mkdir(filepath.Join(c.root, "db"), 0o755); err != nil {
		t.Fatal(err)
	}
	canDump := false
	for _, i := range localpg.Installed() {
		_, err := os.Stat(filepath.Join(i.Bin, "pg_dump"))
		canDump = canDump || err == nil
	}
	err := writeSchema(t.Context(), c, slog.New(slog.DiscardHandler))
	if !canDump {
		if err == nil || !strings.Contains(err.Error(), "pg_dump was not found") {
			t.Errorf("it says %v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(c.root, "db", "schema.sql"))
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"outbox", "river_job", "goose_db_version"} {
		if !strings.Contains(string(text), "CREATE TABLE public."+table+" (") {
			t.Errorf("the schema has no table %s", table)
		}
	}
}
