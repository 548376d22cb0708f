package db_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"veche/db"
)

func TestUnavailableTellsAMissingServerFromARefusal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"nothing":                         {nil, false},
		"no rows":                         {sql.ErrNoRows, false},
		"some other mistake":              {errors.New("the option is unknown"), false},
		"a key that is there already":     {&pgconn.PgError{Code: "23505"}, false},
		"a statement that took too long":  {&pgconn.PgError{Code: "57014"}, false},
		"a visitor who went away":         {context.Canceled, false},
		"a server that stops":             {&pgconn.PgError{Code: "57P01"}, true},
		"a server that starts":            {&pgconn.PgError{Code: "57P03"}, true},
		"a connection that broke":         {&pgconn.PgError{Code: "08006"}, true},
		"no connection left":              {&pgconn.PgError{Code: "53300"}, true},
		"nobody listens":                  {&net.OpError{Op: "dial", Err: errors.New("connection refused")}, true},
		"an answer cut off":               {io.ErrUnexpectedEOF, true},
		"a broken connection of the pool": {driver.ErrBadConn, true},
		"the request's time is up":        {context.DeadlineExceeded, true},
	} {
		err := c.err
		if err != nil {
			err = fmt.Errorf("read poll 42: %w", err)
		}
		if got := db.Unavailable(err); got != c.want {
			t.Errorf("%s: unavailable is %v, want %v", name, got, c.want)
		}
	}
}

func TestDatabaseThatCannotBeReachedIsUnavailable(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = pgconn.Connect(t.Context(), "postgres://nobody@"+address+"/veche?sslmode=disable")
	if err == nil || !db.Unavailable(err) {
		t.Errorf("a port nobody listens on: %v", err)
	}
}
