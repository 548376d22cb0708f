package main

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"veche/db/dbtest"
	"veche/hub/localredis"
)

// The whole life with private servers: data stay, Redis heals, nothing is left.
func TestOneCommandRunsEverythingAndEndsIt(t *testing.T) {
	t.Parallel()
	c := town(t)
	s := start(t, c).untilReady()
	if got, want := s.out.String(), "ready "+c.base()+"\n"; got != want {
		t.Errorf("it prints %q, want %q", got, want)
	}
	for name, want := range map[string]string{"VECHE_DEMO": "1", "VECHE_DEV": "1", "VECHE_PUBLIC_URL": c.base()} {
		if got := s.get("/env?" + name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	secret, err := os.ReadFile(s.get("/env?VECHE_SECRET_FILE"))
	if err != nil || len(strings.TrimSpace(string(secret))) < 32 {
		t.Errorf("the secret is %d bytes (%v)", len(secret), err)
	}
	execute(t, s.get("/env?VECHE_DATABASE_URL"), `CREATE TABLE street (name text)`)

	reviveRedis(t, s)

	ports := []int{c.port, c.simPort}
	for _, variable := range []string{"VECHE_DATABASE_URL", "VECHE_REDIS_URL"} {
		address, err := url.Parse(s.get("/env?" + variable))
		if err != nil {
			t.Fatal(err)
		}
		ports = append(ports, portOf(t, address.Host))
	}
	s.stop()
	if err := s.end(); err != nil {
		t.Errorf("asked to stop it answers %v", err)
	}
	for _, port := range ports {
		if listening(port) {
			t.Errorf("port %d still answers", port)
		}
	}
	for _, order := range [][2]string{{"done: migrate", "done: seed"}, {"done: seed", "done: serve"}, {"portal says goodbye", "sim says goodbye"}} {
		before, after := strings.Index(s.printed.String(), order[0]), strings.Index(s.printed.String(), order[1])
		if before < 0 || after < before {
			t.Errorf("%q must come before %q", order[0], order[1])
		}
	}

	began := time.Now()
	s = start(t, c).untilReady()
	t.Logf("the second start took %s", time.Since(began))
	execute(t, s.get("/env?VECHE_DATABASE_URL"), `INSERT INTO street VALUES ('Садовая')`)
	if again, err := os.ReadFile(s.get("/env?VECHE_SECRET_FILE")); err != nil || string(again) != string(secret) {
		t.Errorf("the second start has another secret (%v)", err)
	}
}

// reviveRedis ends Redis behind the run's back.
func reviveRedis(t *testing.T, s *session) {
	t.Helper()
	options, err := redis.ParseURL(s.get("/env?VECHE_REDIS_URL"))
	if err != nil {
		t.Fatal(err)
	}
	options.MaxRetries = -1 // one order to shut down is enough
	client := redis.NewClient(options)
	defer func() { _ = client.Close() }()
	if err := client.Set(t.Context(), "vote", "yes", 0).Err(); err != nil {
		t.Fatal(err)
	}
	_ = client.ShutdownNoSave(t.Context()).Err() // the connection is cut: always an error
	eventually(t, "a new and empty Redis", func() bool {
		n, err := client.Exists(t.Context(), "vote").Result()
		return err == nil && n == 0
	})
}

func execute(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// given are servers that the run finds in its environment.
func given(t *testing.T) []string {
	t.Helper()
	redis, _ := localredis.ForTest(t)
	return []string{"VECHE_DATABASE_URL=" + dbtest.Empty(t), "VECHE_REDIS_URL=" + redis}
}

func TestGivenServersAreUsed(t *testing.T) {
	t.Parallel()
	environ := given(t)
	s := start(t, town(t, append(environ, "VECHE_DEMO=0")...)).untilReady()
	for _, v := range append(environ, "VECHE_DEMO=0") {
		name, want, _ := strings.Cut(v, "=")
		if got := s.get("/env?" + name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if _, err := os.Stat(filepath.Join(s.keep, "pg")); !os.IsNotExist(err) {
		t.Errorf("a private database was made all the same (%v)", err)
	}
}

func TestDeadPortalEndsTheRest(t *testing.T) {
	t.Parallel()
	s := start(t, town(t, given(t)...)).untilReady()
	go func() { _, _ = get(s.base() + "/die") }()
	err := s.end()
	if err == nil || !strings.Contains(err.Error(), "portal ended by itself (exit status 7)") {
		t.Errorf("the run ends with %v", err)
	}
	if listening(s.simPort) {
		t.Error("sim still runs")
	}
	if !strings.Contains(s.printed.String(), "portal │ the last line\n") {
		t.Error("the portal's last line is lost")
	}
}

func TestFailedStepIsNamed(t *testing.T) {
	t.Parallel()
	environ := given(t)
	for _, step := range []string{"migrate", "seed", "serve"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			s := start(t, town(t, append(environ, "FAIL="+step)...))
			err := s.end()
			if err == nil || !strings.HasPrefix(err.Error(), "portal ") || !strings.Contains(err.Error(), "exit status 3") {
				t.Errorf("the run ends with %v", err)
			}
			if !strings.Contains(s.printed.String(), "portal │ no luck with "+step) {
				t.Error("the portal's words are lost")
			}
			if s.out.String() != "" {
				t.Errorf("it prints %q", s.out.String())
			}
		})
	}
}

func TestStopDuringTheStart(t *testing.T) {
	t.Parallel()
	s := start(t, town(t))
	eventually(t, "the start of the build", func() bool { return strings.Contains(s.printed.String(), "building") })
	s.stop()
	if err := s.end(); err != nil {
		t.Errorf("asked to stop it answers %v", err)
	}
}
