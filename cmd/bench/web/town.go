package web

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"veche/db"
	"veche/db/localpg"
	pollsdb "veche/db/polls"
	"veche/domain/accounts"
	"veche/domain/polls"
	"veche/hub/localredis"
	"veche/internal/child"
)

// people is how many residents have a session. Each votes at most once in a round.
const people = 16_000

// conns is how many connections to Postgres a portal has by default; the floor
// gets as many.
const conns = 24

// town is a portal with residents, on a Postgres and a Redis of its own. Postgres
// keeps what it commits, as a town's would.
type town struct {
	dir      string
	postgres *localpg.Server
	redis    *localredis.Server
	db       *db.DB
	url      string // of the database
	secret   string
	binary   string
	portal   *portal
}

// person is a resident as the load client needs them.
type person struct {
	Account int64
	Public  string
	Session string // public id
	Token   string
}

// found builds the portal and brings up a town.
func found(ctx context.Context) (_ *town, err error) {
	t := &town{secret: rand.Text() + rand.Text()}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.leave())
		}
	}()
	if t.dir, err = os.MkdirTemp("", "veche-bench-"); err != nil {
		return nil, err
	}
	t.binary = filepath.Join(t.dir, "portal")
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", t.binary, "veche/cmd/portal")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the portal: %w: %s", err, said)
	}
	if t.postgres, err = localpg.Start(ctx, localpg.Options{Dir: filepath.Join(t.dir, "pg")}); err != nil {
		return nil, err
	}
	if t.url, err = t.postgres.Database(ctx, "veche"); err != nil {
		return nil, err
	}
	if t.redis, err = localredis.Start(ctx, localredis.Options{Real: true}); err != nil {
		return nil, err
	}
	if err = db.Migrate(ctx, t.url); err != nil {
		return nil, err
	}
	if t.db, err = db.Open(ctx, db.Options{URL: t.url, MaxConns: 2}); err != nil {
		return nil, err
	}
	if err = t.settle(ctx); err != nil {
		return nil, err
	}
	if t.portal, err = t.serve(t.url); err != nil {
		return nil, err
	}
	return t, nil
}

// leave ends and removes everything.
func (t *town) leave() error {
	var failures []error
	if t.portal != nil {
		failures = append(failures, t.portal.stop())
	}
	if t.db != nil {
		t.db.Close()
	}
	if t.redis != nil {
		t.redis.Stop()
	}
	if t.postgres != nil {
		failures = append(failures, t.postgres.Stop(), os.RemoveAll(t.postgres.Dir()))
	}
	return errors.Join(append(failures, os.RemoveAll(t.dir))...)
}

// settle gives the town its residents, each with a session, and writes them down
// for the load client.
func (t *town) settle(ctx context.Context) error {
	residents := make([]person, people)
	accountRows, sessionRows := make([][]any, people), make([][]any, people)
	for i := range residents {
		token := accounts.NewToken()
		p := person{Public: accounts.NewPublicID(), Session: accounts.NewPublicID(), Token: string(token)}
		residents[i] = p
		accountRows[i] = []any{p.Public, "Житель", p.Public + "@bench.test", true, time.Now()}
		sessionRows[i] = []any{p.Session, token.Hash(), int64(0), time.Now().Add(accountsLife), time.Now()}
	}
	err := t.db.InTx(ctx, func(tx *db.Tx) error {
		if err := tx.Copy(ctx, "accounts", []string{"public_id", "name", "email", "confirmed", "email_confirmed_at"}, accountRows); err != nil {
			return err
		}
		var keys []struct {
			ID       int64
			PublicID string
		}
		if err := tx.Select(ctx, &keys, `SELECT id, public_id FROM accounts`); err != nil {
			return err
		}
		byPublic := make(map[string]int64, len(keys))
		for _, key := range keys {
			byPublic[key.PublicID] = key.ID
		}
		for i := range residents {
			residents[i].Account = byPublic[residents[i].Public]
			sessionRows[i][2] = residents[i].Account
		}
		return tx.Copy(ctx, "sessions", []string{"public_id", "token_hash", "account_id", "expires_at", "proved_at"}, sessionRows)
	})
	if err != nil {
		return fmt.Errorf("settle the residents: %w", err)
	}
	if _, err := t.db.Pool().Exec(ctx, `ANALYZE accounts, sessions`); err != nil {
		return fmt.Errorf("settle the residents: %w", err)
	}
	list, err := json.Marshal(residents)
	if err != nil {
		return err
	}
	return os.WriteFile(t.residents(), list, 0o600)
}

// accountsLife is longer than any run.
const accountsLife = time.Hour

func (t *town) residents() string { return filepath.Join(t.dir, "residents.json") }

// seen makes every session one that asked for a page just now, as that of a person
// who votes on it.
func (t *town) seen(ctx context.Context) error {
	if _, err := t.db.Pool().Exec(ctx, `UPDATE sessions SET seen_at = now(), proved_at = now()`); err != nil {
		return fmt.Errorf("note that people are here: %w", err)
	}
	return nil
}

// openPoll puts a question with four answers to the residents.
func (t *town) openPoll(ctx context.Context, question string) (polls.Poll, error) {
	now := time.Now()
	poll := polls.Poll{
		Question:    question,
		Description: "Город хочет знать, где скамейка нужнее. Её поставят до конца лета; расходы внесены в бюджет района.",
		Topic:       "Благоустройство",
		OpensAt:     now.Add(-time.Hour),
		ClosesAt:    now.Add(7 * 24 * time.Hour),
		Options: []polls.Option{
			{Text: "У пруда, под старыми ивами"},
			{Text: "На площади перед библиотекой"},
			{Text: "Во дворе школы № 4"},
			{Text: "Нигде, скамеек достаточно"},
		},
	}
	err := t.db.InTx(ctx, func(tx *db.Tx) error {
		var err error
		poll.ID, err = pollsdb.Announce(ctx, tx, poll)
		return err
	})
	if err != nil {
		return poll, err
	}
	if err := pollsdb.New(t.db).Open(ctx, poll.ID); err != nil {
		return poll, err
	}
	_, found, _, err := pollsdb.New(t.db).Polls(ctx, []polls.ID{poll.ID})
	return found[poll.ID], err
}

// portal is a running portal serve.
type portal struct {
	process *child.Child
	address string // host:port
}

// serve starts the portal as its operator would, with the defaults of its
// configuration, on the database at url.
func (t *town) serve(url string) (*portal, error) {
	cmd := exec.Command(t.binary, "serve")
	cmd.Env = append(os.Environ(),
		"PORT=0",
		"VECHE_DATABASE_URL="+url,
		"VECHE_REDIS_URL="+t.redis.URL(),
		"VECHE_SECRET="+t.secret,
		"VECHE_DRAIN=100ms",
		"VECHE_LOG=warn",
	)
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = in, os.Stderr
	process, err := child.Start(cmd, syscall.SIGTERM)
	_ = in.Close()
	if err != nil {
		_ = out.Close()
		return nil, err
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		<-process.Done()
		return nil, fmt.Errorf("the portal did not start: %w", process.Err())
	}
	go func() {
		_, _ = io.Copy(io.Discard, out)
		_ = out.Close()
	}()
	p := &portal{process: process, address: strings.TrimPrefix(lines.Text(), "listening on http://")}
	if _, _, err := net.SplitHostPort(p.address); err != nil {
		return nil, errors.Join(fmt.Errorf("the portal does not say where it listens: %q", lines.Text()), p.stop())
	}
	return p, nil
}

func (p *portal) stop() error { return p.process.Stop(syscall.SIGTERM, 20*time.Second) }
