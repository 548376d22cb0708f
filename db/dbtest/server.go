package dbtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"veche/internal/filelock"
)

// Files in the folder of the shared server.
const (
	lockFile = "start.lock" // held by whoever looks for, starts or ends the server
	urlFile  = "url"        // the server's address; its time says when it was last asked for
	logFile  = "keeper.log"
)

// server is the address of the test server.
var server = sync.OnceValues(func() (string, error) {
	if address := os.Getenv("VECHE_TEST_DATABASE_URL"); address != "" {
		return address, nil
	}
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	address, err := findOrStart(ctx, root, filepath.Join(root, ".veche", "test-pg"))
	if err != nil {
		return "", fmt.Errorf("start the test server: %w", err)
	}
	return address, nil
})

func findOrStart(ctx context.Context, root, dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	lock, err := filelock.Wait(ctx, filepath.Join(dir, lockFile))
	if err != nil {
		return "", err
	}
	defer lock.Release()
	if address, err := published(ctx, dir); err == nil {
		now := time.Now()
		return address, os.Chtimes(filepath.Join(dir, urlFile), now, now)
	}
	if err := os.Remove(filepath.Join(dir, urlFile)); err != nil && !os.IsNotExist(err) {
		return "", err
	}
	ended, err := startKeeper(ctx, root, dir)
	if err != nil {
		return "", err
	}
	for {
		if address, err := published(ctx, dir); err == nil {
			return address, nil
		}
		select {
		case <-ended:
			words, _ := os.ReadFile(filepath.Join(dir, logFile))
			return "", fmt.Errorf("its keeper ended: %s", strings.TrimSpace(string(words)))
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// published is the address of a server that answers.
func published(ctx context.Context, dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, urlFile))
	if err != nil {
		return "", err
	}
	address := strings.TrimSpace(string(text))
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return "", err
	}
	return address, conn.Close(ctx)
}

// startKeeper runs the keeper in a session of its own, so that it outlives this
// test process and no Ctrl-C meant for the tests reaches it.
func startKeeper(ctx context.Context, root, dir string) (ended <-chan struct{}, err error) {
	program := filepath.Join(dir, "keeper")
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", program, "veche/db/dbtest/keeper")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build its keeper: %w: %s", err, out)
	}
	log, err := os.Create(filepath.Join(dir, logFile))
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	keeper := exec.Command(program, dir)
	keeper.Dir = root
	keeper.Stdout, keeper.Stderr = log, log
	keeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := keeper.Start(); err != nil {
		return nil, err
	}
	done := make(chan struct{})
	go func() {
		_ = keeper.Wait()
		close(done)
	}()
	return done, nil
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, statErr := os.Stat(filepath.Join(dir, "go.mod")); statErr == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("there is no go.mod here or above: name a server in VECHE_TEST_DATABASE_URL")
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}
