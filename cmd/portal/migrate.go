package main

import (
	"context"
	"fmt"
	"io"

	"veche/db"
)

// migrate brings the database to the newest migration.
func migrate(ctx context.Context, c config, out io.Writer) error {
	if err := db.Migrate(ctx, c.DatabaseURL); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, "the database is at the newest migration")
	return err
}
