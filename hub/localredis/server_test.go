package localredis_test

import (
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"veche/hub/localredis"
)

func start(t *testing.T, o localredis.Options) *localredis.Server {
	t.Helper()
	server, err := localredis.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return server
}

func client(t *testing.T, url string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(options)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// Both kinds of Redis make the same promises.
func TestKilledRedisComesBackEmptyOnTheSamePort(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]localredis.Options{
		"server":   {Real: true},
		"stand-in": {StandIn: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t, options)
			url := server.URL()
			redis := client(t, url)
			if err := redis.Set(t.Context(), "vote", "yes", 0).Err(); err != nil {
				t.Fatal(err)
			}

			life := server.Done()
			server.Kill()
			select {
			case <-life:
			case <-time.After(5 * time.Second):
				t.Fatal("the killed server has not ended")
			}
			if err := redis.Ping(t.Context()).Err(); err == nil {
				t.Error("the killed server still answers")
			}

			if err := server.Restart(t.Context()); err != nil {
				t.Fatal(err)
			}
			if server.URL() != url {
				t.Errorf("the address changed from %s to %s", url, server.URL())
			}
			select {
			case <-server.Done():
				t.Error("the new server counts as ended")
			default:
			}
			if n, err := redis.Exists(t.Context(), "vote").Result(); err != nil || n != 0 {
				t.Errorf("the new server knows %d old keys (%v)", n, err)
			}
		})
	}
}

func TestStrangersAreRefused(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]localredis.Options{
		"server":   {Real: true},
		"stand-in": {StandIn: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := client(t, start(t, options).URL()).Options().Addr
			err := client(t, "redis://"+address).Ping(t.Context()).Err()
			if err == nil || !strings.Contains(err.Error(), "NOAUTH") {
				t.Errorf("without the password the server says %v", err)
			}
		})
	}
}

func TestPortInUseIsSaid(t *testing.T) {
	t.Parallel()
	first := start(t, localredis.Options{Real: true})
	port := portOf(t, first)
	if _, err := localredis.Start(t.Context(), localredis.Options{Port: port, Real: true}); err == nil {
		t.Error("two servers share a port")
	}
}

func TestMissingServerIsNamed(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := localredis.Start(t.Context(), localredis.Options{Real: true}); !errors.Is(err, localredis.ErrNoServer) {
		t.Errorf("without a server on PATH it says %v", err)
	}
	var log strings.Builder
	server := start(t, localredis.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if !strings.Contains(log.String(), "inside this process") || !strings.Contains(server.Name(), "stand-in") {
		t.Errorf("the stand-in is not announced: %q, %q", log.String(), server.Name())
	}
}

func TestTestsShareAServerButNoPrefix(t *testing.T) {
	t.Parallel()
	url, prefix := localredis.ForTest(t)
	again, other := localredis.ForTest(t)
	if url != again {
		t.Errorf("two servers: %s and %s", url, again)
	}
	if prefix == other {
		t.Errorf("two tests got the prefix %s", prefix)
	}
	if err := client(t, url).Publish(t.Context(), prefix+"news", "1").Err(); err != nil {
		t.Error(err)
	}
}

func portOf(t *testing.T, server *localredis.Server) int {
	t.Helper()
	_, digits, _ := strings.Cut(client(t, server.URL()).Options().Addr, ":")
	port, err := strconv.Atoi(digits)
	if err != nil {
		t.Fatal(err)
	}
	return port
}
