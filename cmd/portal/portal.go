package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/redis/go-redis/v9"
	"github.com/riverqueue/river"

	"veche/cmd/portal/registers"
	"veche/cmd/portal/sms"
	"veche/cmd/portal/smtp"
	"veche/db"
	accountsdb "veche/db/accounts"
	codesdb "veche/db/codes"
	factorsdb "veche/db/factors"
	proofsdb "veche/db/proofs"
	recoverydb "veche/db/recovery"
	"veche/handlers"
	"veche/hub"
)

// portal is one process: what the areas are mounted on.
type portal struct {
	config    config
	log       *slog.Logger
	metrics   *prometheus.Registry
	db        *db.DB
	redis     redis.UniversalClient
	hub       *hub.Hub
	publisher *db.Publisher
	server    *handlers.Server
	workers   *river.Workers
	periodic  []*river.PeriodicJob
	accounts  *accountsdb.Store
	factors   *factorsdb.Store
	letters   *smtp.Sender    // nil without a mail server
	texts     *sms.Gateway    // nil without an SMS gateway
	codes     *codesdb.Store  // once accounts are mounted
	proofs    *proofsdb.Store // likewise
	recovery  *recoverydb.Store
	papers    *registers.Client             // nil without a register
	recorders []func(context.Context) error // run till pages and jobs have stopped, then save what they noted last
}

// newPortal connects and builds everything; nothing runs yet.
func newPortal(ctx context.Context, c config, logTo io.Writer) (*portal, error) {
	p := &portal{config: c, workers: river.NewWorkers(), metrics: prometheus.NewRegistry()}
	p.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	var err error
	if p.log, err = newLogger(c, logTo); err != nil {
		return nil, err
	}
	if p.db, err = db.Open(ctx, db.Options{URL: c.DatabaseURL, MaxConns: c.MaxConns, Log: p.log}); err != nil {
		return nil, err
	}
	if err := p.db.Ready(ctx); err != nil {
		p.db.Close()
		return nil, fmt.Errorf("the database is not ready: %w", err)
	}
	if err := p.prepare(); err != nil {
		p.db.Close()
		return nil, err
	}
	p.db.React(reactions)
	p.db.Register(p.metrics)
	redisOptions, err := hub.RedisOptions(c.RedisURL)
	if err != nil {
		p.db.Close()
		return nil, fmt.Errorf("VECHE_REDIS_URL: %w", err)
	}
	redis.SetLogger(redisLog{p.log})
	p.redis = redis.NewUniversalClient(redisOptions)
	broker := hub.NewRedisBroker(p.redis, c.RedisPrefix, p.log)
	passes := hub.NewPasses([]byte(c.Secret))
	p.hub = hub.New(hub.Options{
		Broker:     broker,
		Census:     broker,
		Passes:     passes,
		Gate:       p.accounts,
		Log:        p.log,
		Registerer: p.metrics,
		Origins:    c.origins(),
	})
	p.publisher = db.NewPublisher(p.db, broker, p.metrics)
	p.server = handlers.NewServer(handlers.Options{
		Sessions:   p.accounts,
		Hub:        p.hub,
		Passes:     passes,
		Limiter:    handlers.NewLimiter(p.redis, c.RedisPrefix, []byte(c.Secret)),
		Secret:     []byte(c.Secret),
		HTTPS:      c.https(),
		Demo:       c.Demo,
		Inbox:      c.Inbox,
		Dev:        c.Dev,
		Zone:       c.zone,
		Ready:      p.db.Ready,
		Metrics:    p.metrics,
		TrustProxy: c.TrustProxy,
		Log:        p.log,
	})
	if err := p.mountAreas(); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// prepare builds what several areas share: the ways to the outside world, and the
// stores of what proves people.
func (p *portal) prepare() (err error) {
	c := p.config
	if p.letters, err = c.letters(p.metrics); err != nil {
		return err
	}
	if p.texts, err = c.texts(p.metrics); err != nil {
		return err
	}
	if p.papers, err = c.papers(p.metrics); err != nil {
		return err
	}
	if p.factors, err = c.newFactors(p.db); err != nil {
		return err
	}
	p.accounts = accountsdb.New(p.db, accountsdb.WithSecret([]byte(c.Secret)), accountsdb.WithZone(c.zone))
	p.recovery, err = recoverydb.New(p.db, recoverydb.Options{Hashing: p.accounts.Hashing(), Secret: []byte(c.Secret)})
	return err
}

// mountAreas is the table of contents: one card an area.
func (p *portal) mountAreas() error {
	polls := p.mountPolls()
	publics := p.mountPublics(p.mountStatistics())
	p.mountModeration(publics)
	people := p.mountAccounts()
	p.mountRecovery()
	p.mountSettings()
	security := p.mountFactors()
	if err := p.mountIdentities(people, security); err != nil {
		return err
	}
	notices := p.mountNotifications()
	p.mountHome(polls, publics, people, notices, polls)
	p.mountAbout()
	if p.config.Dev {
		p.mountStyleguide()
	}
	return nil
}

func (p *portal) close() {
	_ = p.redis.Close()
	p.db.Close()
}

func newLogger(c config, to io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return nil, fmt.Errorf("VECHE_LOG is none of debug, info, warn, error")
	}
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: level})), nil
}

// startTime bounds how long connecting may take.
const startTime = 20 * time.Second

// redisLog takes what the Redis client says of every failed connection down to
// debug: that Redis is away is said once, by the hub.
type redisLog struct{ log *slog.Logger }

// Printf logs one line of the client.
func (l redisLog) Printf(ctx context.Context, format string, values ...any) {
	l.log.DebugContext(ctx, fmt.Sprintf(format, values...), "part", "redis")
}
