package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"

	"veche/db"
	"veche/db/localpg"
)

// writeSchema applies the migrations to an empty scratch database and writes what
// came of them to db/schema.sql.
func writeSchema(ctx context.Context, c config, log *slog.Logger) (err error) {
	withDump := slices.DeleteFunc(localpg.Installed(), func(i localpg.Installation) bool {
		_, err := os.Stat(filepath.Join(i.Bin, "pg_dump"))
		return err != nil
	})
	if len(withDump) == 0 {
		return errors.New("pg_dump was not found: install the Postgres of your system (on Debian: apt-get install postgresql)")
	}
	dir := filepath.Join(c.keep, "schema")
	server, err := localpg.Start(ctx, localpg.Options{Dir: dir, Scratch: true, Installations: withDump[:1], Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop(), os.RemoveAll(dir)) }()
	url, err := server.Database(ctx, "veche")
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx, url); err != nil {
		return err
	}
	dump := exec.CommandContext(ctx, filepath.Join(withDump[0].Bin, "pg_dump"),
		"--schema-only", "--no-owner", "--no-privileges", "--dbname="+url)
	var said bytes.Buffer
	dump.Stderr = &said
	text, err := dump.Output()
	if err != nil {
		return fmt.Errorf("pg_dump: %w: %s", err, said.String())
	}
	head := "-- What the migrations make, for reading. `make schema` writes this file.\n"
	return os.WriteFile(filepath.Join(c.root, "db", "schema.sql"), append([]byte(head), readable(text)...), 0o644)
}

var (
	// housekeeping is what a dump says to psql and to the server, not to a reader.
	housekeeping = regexp.MustCompile(`(?m)^(--.*|SET .*;|SELECT pg_catalog\.set_config.*|\\.*)\n`)
	gaps         = regexp.MustCompile(`\n{3,}`)
)

// readable leaves the definitions of a dump, the same on every release of Postgres
// as far as they are.
func readable(dump []byte) []byte {
	dump = housekeeping.ReplaceAll(dump, nil)
	dump = gaps.ReplaceAll(dump, []byte("\n\n"))
	return append(append([]byte("\n"), bytes.TrimSpace(dump)...), '\n')
}
