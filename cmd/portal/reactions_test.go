package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/riverqueue/river"

	pollsdb "veche/db/polls"
	"veche/domain/event"
	"veche/domain/polls"
)

func TestReactions(t *testing.T) {
	t.Parallel()
	opens := time.Date(2026, time.November, 21, 9, 0, 0, 0, time.UTC)
	closes := opens.Add(7 * 24 * time.Hour)
	for name, c := range map[string]struct {
		happened event.Event
		want     []river.InsertManyParams
	}{
		"an announced poll opens and closes by itself": {
			polls.Announced{Poll: 42, OpensAt: opens, ClosesAt: closes},
			[]river.InsertManyParams{
				{Args: pollsdb.OpenArgs{Poll: 42}, InsertOpts: &river.InsertOpts{ScheduledAt: opens}},
				{Args: pollsdb.CloseArgs{Poll: 42}, InsertOpts: &river.InsertOpts{ScheduledAt: closes}},
			},
		},
		"a vote wakes screens only": {polls.VoteCast{Poll: 42}, nil},
	} {
		if diff := cmp.Diff(c.want, reactions(c.happened)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}
