package registers

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"veche/cmd/sim/site"
)

//go:embed words.ru.toml words.en.toml page.html
var files embed.FS

const (
	maxKept        = 5000 // checks that are remembered
	maxConnections = 32
	slowness       = 20 // how many times longer a slow answer takes
	checksPath     = "/registers/passports/v1/checks"
)

// Status is how far a check has come.
type Status string

// The states of a check; the last two are final.
const (
	Pending  Status = "pending"
	Match    Status = "match"
	Mismatch Status = "mismatch"
)

// Reason says why a paper does not match.
type Reason string

// The reasons.
const (
	Unknown        Reason = "unknown"
	Invalid        Reason = "invalid"
	OtherName      Reason = "name"
	OtherBirthdate Reason = "birthdate"
)

// Config says where certificates lie and how long the register thinks.
type Config struct {
	Dir   string        // of the certificates; "" is a folder that goes with the program
	Delay time.Duration // from a request to its answer
}

// check is one question and what the register finds.
type check struct {
	checkRequest
	ID     string
	At     time.Time
	due    time.Time // zero when no answer ever comes
	reason Reason
}

// Register is the register of identity papers.
type Register struct {
	config   Config
	lent     bool // the folder goes with the program
	listener net.Listener
	identity identity
	now      func() time.Time
	log      *slog.Logger
	page     *site.Page

	mu        sync.Mutex
	journal   []*check // oldest first
	byID      map[string]*check
	byRequest map[string]*check
}

// New prepares a register on the listener, which it closes when it stops. The
// portal's certificate lies in [Register.Dir] when it returns.
func New(config Config, listener net.Listener, now func() time.Time, log *slog.Logger) (*Register, error) {
	r := &Register{
		config: config, listener: listener, now: now, log: log.With("part", "registers"),
		byID: map[string]*check{}, byRequest: map[string]*check{},
	}
	host, _, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return nil, fmt.Errorf("read the register's address: %w", err)
	}
	if config.Dir == "" {
		if r.config.Dir, err = os.MkdirTemp("", "veche-registers-"); err != nil {
			return nil, fmt.Errorf("make a folder for the certificates: %w", err)
		}
		r.lent = true
	}
	if r.identity, err = prepare(r.config.Dir, host, time.Now()); err != nil {
		return nil, errors.Join(err, r.clear())
	}
	return r, nil
}

// Dir is where the portal's certificate lies.
func (r *Register) Dir() string { return r.config.Dir }

// Address is where the register is asked.
func (r *Register) Address() string { return "https://" + r.listener.Addr().String() }

// clear removes the folder when it was made for this run.
func (r *Register) clear() error {
	if !r.lent {
		return nil
	}
	return os.RemoveAll(r.config.Dir)
}

// Card introduces the register to the program.
func (r *Register) Card() site.Card {
	return site.Card{
		Key: "registers", Protocol: "HTTP, JSON, mTLS", Address: r.Address() + checksPath, Page: "/registers",
		Files: files, Mount: r.mount, Run: r.run,
	}
}

// run answers until ctx is done.
func (r *Register) run(ctx context.Context) error {
	server := &http.Server{
		Handler:           r.api(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(r.log.Handler(), slog.LevelDebug), // refused handshakes
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	secured := tls.NewListener(netutil.LimitListener(r.listener, maxConnections), &tls.Config{
		Certificates: []tls.Certificate{r.identity.server},
		ClientCAs:    r.identity.callers,
		ClientAuth:   tls.RequireAndVerifyClientCert,
		MinVersion:   tls.VersionTLS13,
	})
	err := server.Serve(secured)
	if ctx.Err() != nil {
		err = nil
	}
	return errors.Join(err, r.clear())
}

// begin notes a question down, or finds the one its request was used for. Whether
// that one says the same is for the caller to see.
func (r *Register) begin(asked checkRequest) (found check, isNew bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, ok := r.byRequest[asked.Request]; ok {
		return *known, false
	}
	made := &check{checkRequest: asked, ID: rand.Text(), At: r.now().UTC(), reason: compare(asked)}
	made.due = made.At.Add(r.config.Delay)
	switch trial, _ := trialOf(asked.Series, asked.Number); {
	case trial.never:
		made.due = time.Time{}
	case trial.slow:
		made.due = made.At.Add(slowness * r.config.Delay)
	}
	if len(r.journal) == maxKept {
		oldest := r.journal[0]
		delete(r.byID, oldest.ID)
		delete(r.byRequest, oldest.Request)
		r.journal = append(r.journal[:0], r.journal[1:]...)
	}
	r.journal = append(r.journal, made)
	r.byID[made.ID], r.byRequest[made.Request] = made, made
	return *made, true
}

func (r *Register) find(id string) (check, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, ok := r.byID[id]
	if !ok {
		return check{}, false
	}
	return *found, true
}

// latest lists the newest checks, newest first.
func (r *Register) latest(limit int) []check {
	r.mu.Lock()
	defer r.mu.Unlock()
	var checks []check
	for i := len(r.journal) - 1; i >= 0 && len(checks) < limit; i-- {
		checks = append(checks, *r.journal[i])
	}
	return checks
}

// status is how far the check has come at a time.
func (c check) status(now time.Time) Status {
	switch {
	case c.due.IsZero() || now.Before(c.due):
		return Pending
	case c.reason != "":
		return Mismatch
	}
	return Match
}
