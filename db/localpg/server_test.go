package localpg_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"veche/db/localpg"
)

// TestMain lets the test program play the parent that is killed: with this variable
// set it starts a server on the folder named and waits for its end.
const parentOf = "LOCALPG_TEST_PARENT_OF"

func TestMain(m *testing.M) {
	if dir := os.Getenv(parentOf); dir != "" {
		server, err := localpg.Start(context.Background(), localpg.Options{Dir: dir})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("started")
		<-server.Done()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// reachable is a temporary folder that an unprivileged user may enter too.
func reachable(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func start(t *testing.T, o localpg.Options) *localpg.Server {
	t.Helper()
	o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	server, err := localpg.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		select {
		case <-server.Done():
		default:
			_ = server.Stop()
		}
	})
	return server
}

func query[T any](t *testing.T, url, sql string) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	var answer T
	if err := conn.QueryRow(t.Context(), sql).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return answer
}

// postmaster is the process number of the server that runs on dir.
func postmaster(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// The life of a development database, once per server found on this machine.
func TestDataOutliveStopsAndKills(t *testing.T) {
	t.Parallel()
	installations := localpg.Installed()
	if len(installations) == 0 {
		t.Fatal("no Postgres was found here: run make setup")
	}
	for _, installation := range installations {
		t.Run(installation.Version, func(t *testing.T) {
			t.Parallel()
			dir := reachable(t)
			options := localpg.Options{Dir: dir, Installations: []localpg.Installation{installation}}

			server := start(t, options)
			url, err := server.Database(t.Context(), "town")
			if err != nil {
				t.Fatal(err)
			}
			query[int](t, url, `WITH made AS (SELECT 1) SELECT * FROM made`)
			run(t, url, `CREATE TABLE street (name text); INSERT INTO street VALUES ('Жукова'), ('Ёлочная'), ('Еловая')`)
			if got := query[string](t, url, `SELECT string_agg(name, ' ' ORDER BY name) FROM street`); got != "Еловая Ёлочная Жукова" {
				t.Errorf("streets sort as %q, want ё beside е", got)
			}
			if !query[bool](t, url, `SELECT to_tsvector('russian', 'НОВЫЕ ДОРОГИ') @@ to_tsquery('russian', 'дорогой')`) {
				t.Error("Russian full-text search does not find another form of the word")
			}
			run(t, url, `CREATE EXTENSION pg_trgm`)

			if err := server.Stop(); err != nil {
				t.Fatal(err)
			}
			server = start(t, options)
			if again := server.URL("town"); again != url {
				t.Errorf("the address changed from %s to %s", url, again)
			}
			expectStreets(t, server)

			if err := syscall.Kill(postmaster(t, dir), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			<-server.Done()
			_ = server.Stop()
			server = start(t, options)
			expectStreets(t, server)
		})
	}
}

func run(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func expectStreets(t *testing.T, server *localpg.Server) {
	t.Helper()
	if n := query[int](t, server.URL("town"), `SELECT count(*) FROM street`); n != 3 {
		t.Errorf("%d streets are left of 3", n)
	}
}

func TestServerOfAKilledParentIsTakenOff(t *testing.T) {
	t.Parallel()
	dir := reachable(t)
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), parentOf+"="+dir)
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	if line, _ := bufio.NewReader(out).ReadString('\n'); line != "started\n" {
		t.Fatalf("the parent says %q", line)
	}
	orphan := postmaster(t, dir)
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()

	server := start(t, localpg.Options{Dir: dir})
	if now := postmaster(t, dir); now == orphan {
		t.Errorf("process %d of the killed parent still runs", orphan)
	}
	if got := query[int](t, server.URL("postgres"), `SELECT 1`); got != 1 {
		t.Errorf("got %d", got)
	}
}

func TestForeignProcessInThePidFileIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := reachable(t)
	if err := start(t, localpg.Options{Dir: dir}).Stop(); err != nil {
		t.Fatal(err)
	}
	stranger := exec.Command("sleep", "60")
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stranger.Process.Kill(); _ = stranger.Wait() })
	stale := fmt.Sprintf("%d\n%s/data\n", stranger.Process.Pid, dir)
	if err := os.WriteFile(filepath.Join(dir, "data", "postmaster.pid"), []byte(stale), 0o644); err != nil {
		t.Fatal(err)
	}
	start(t, localpg.Options{Dir: dir})
	if err := stranger.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the stranger is gone: %v", err)
	}
}

func TestTwoServersCannotShareAFolder(t *testing.T) {
	t.Parallel()
	dir := reachable(t)
	start(t, localpg.Options{Dir: dir, Scratch: true})
	_, err := localpg.Start(t.Context(), localpg.Options{Dir: dir, Scratch: true})
	if err == nil || !strings.Contains(err.Error(), "already runs Postgres") {
		t.Errorf("the second start says %v", err)
	}
}

func TestScratchLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := reachable(t)
	server := start(t, localpg.Options{Dir: dir, Scratch: true})
	if fsync := query[string](t, server.URL("postgres"), `SHOW fsync`); fsync != "off" {
		t.Errorf("fsync is %s", fsync)
	}
	began := time.Now()
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("stopping took %s", took)
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); !os.IsNotExist(err) {
		t.Errorf("the data are still there: %v", err)
	}
}
