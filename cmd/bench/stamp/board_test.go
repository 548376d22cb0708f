package stamp_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"veche/cmd/bench/stamp"
)

func TestChangeIsSeenByWhoeverOpenedTheBoard(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "board")
	here, err := stamp.Create(path, 3)
	if err != nil {
		t.Fatal(err)
	}
	there, err := stamp.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if there.Topics() != 3 || there.Newest(1) != 0 {
		t.Errorf("a new board has %d topics and stamp %d", there.Topics(), there.Newest(1))
	}
	began := time.Now().UnixNano()
	stamped := here.Change(1)
	if got := there.Newest(1); got != stamped || got < began {
		t.Errorf("seen is %d, stamped was %d, not before %d", got, stamped, began)
	}
	if there.Newest(0) != 0 || there.Newest(2) != 0 {
		t.Error("other topics were stamped too")
	}
	for _, b := range []*stamp.Board{here, there} {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestBoardWithoutTopicsIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "board")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := stamp.Open(path); err == nil {
		t.Error("an empty file was taken for a board")
	}
	if _, err := stamp.Create(path, 1); err == nil {
		t.Error("a board was made over an older one")
	}
}
