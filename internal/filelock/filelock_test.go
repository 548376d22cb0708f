package filelock_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"veche/internal/filelock"
)

func TestOneHoldsTheOthersWait(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	first, err := filelock.Try(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = filelock.Try(path)
	var held *filelock.HeldError
	if !errors.As(err, &held) || held.PID != os.Getpid() {
		t.Fatalf("the second gets %v", err)
	}

	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := filelock.Wait(short, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting ends with %v", err)
	}

	got := make(chan error, 1)
	go func() {
		second, err := filelock.Wait(t.Context(), path)
		if err == nil {
			second.Release()
		}
		got <- err
	}()
	select {
	case err := <-got:
		t.Fatalf("it did not wait: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	first.Release()
	if err := <-got; err != nil {
		t.Error(err)
	}
}

func TestMissingFolderIsNotALock(t *testing.T) {
	t.Parallel()
	_, err := filelock.Try(filepath.Join(t.TempDir(), "nowhere", "lock"))
	var held *filelock.HeldError
	if err == nil || errors.As(err, &held) {
		t.Errorf("got %v", err)
	}
}
