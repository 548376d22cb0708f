package sms

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"veche/cmd/sim/inbox"
)

func newGateway(t *testing.T) *Gateway {
	t.Helper()
	g := New(Config{Late: time.Hour}, "", inbox.NewBox(inbox.Ordinary, time.Now), time.Now, slog.New(slog.DiscardHandler))
	t.Cleanup(func() {
		g.end()
		g.working.Wait()
	})
	return g
}

func TestWorkUnderWayIsBounded(t *testing.T) {
	g := newGateway(t)
	for i := range maxUnsolved {
		if _, _, err := g.accept(sendRequest{ID: fmt.Sprint(i), To: "+79990000002", Text: "x"}, 1); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := g.accept(sendRequest{ID: "more", To: "+79990000002", Text: "x"}, 1); !errors.Is(err, errBusy) {
		t.Errorf("one more: %v", err)
	}
	if _, isNew, err := g.accept(sendRequest{ID: "0", To: "+79990000002", Text: "x"}, 1); isNew || err != nil {
		t.Errorf("a repeat while busy: new %t, %v", isNew, err)
	}
}

func TestOldestIdsAreForgotten(t *testing.T) {
	g := newGateway(t)
	var first message
	for i := range maxKept + 1 {
		for {
			m, _, err := g.accept(sendRequest{ID: fmt.Sprint(i), To: "+79161234567", Text: "x"}, 1)
			if errors.Is(err, errBusy) { // the ones before are still being followed
				runtime.Gosched()
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				first = m
			}
			break
		}
	}
	if len(g.journal) != maxKept || len(g.byID) != maxKept || len(g.byMessage) != maxKept {
		t.Errorf("%d, %d and %d kept", len(g.journal), len(g.byID), len(g.byMessage))
	}
	if _, found := g.find(first.Message); found {
		t.Error("the oldest is still there")
	}
	if _, isNew, err := g.accept(first.sendRequest, 1); !isNew || err != nil {
		t.Errorf("its id is still taken: %v", err)
	}
}

func TestNothingIsAcceptedAfterTheEnd(t *testing.T) {
	g := newGateway(t)
	g.change(func() { g.stopped = true })
	if _, _, err := g.accept(sendRequest{ID: "a", To: "+79161234567", Text: "x"}, 1); !errors.Is(err, errBusy) {
		t.Errorf("accepted with %v", err)
	}
}
