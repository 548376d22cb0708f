package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"veche/db"
	"veche/db/demo"
)

// seed fills an empty database with the demo town. A database that holds people
// already stays as it is.
func seed(ctx context.Context, c config, out io.Writer) error {
	log, err := newLogger(c, os.Stderr)
	if err != nil {
		return err
	}
	d, err := db.Open(ctx, db.Options{URL: c.DatabaseURL, MaxConns: c.MaxConns, Log: log})
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Ready(ctx); err != nil {
		return fmt.Errorf("the database is not ready: %w", err)
	}
	d.React(reactions)
	summary, err := demo.Seed(ctx, d, demo.Options{Now: time.Now().In(c.zone), Log: log})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, summary)
	return err
}
