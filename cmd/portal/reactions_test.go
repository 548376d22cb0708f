package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/riverqueue/river"

	pollsdb "veche/db/polls"
	publicsdb "veche/db/publics"
	"veche/domain/event"
	"veche/domain/moderation"
	"veche/domain/polls"
	"veche/domain/publics"
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
		"the notice of a published comment ends": {
			publics.CommentPublished{Post: 7, Comment: 991, NoticeUntil: closes},
			[]river.InsertManyParams{
				{Args: publicsdb.NoticeArgs{Comment: 991}, InsertOpts: &river.InsertOpts{ScheduledAt: closes}},
			},
		},
		"a decision on a comment is carried out": {
			moderation.Settled{Item: 1, Kind: moderation.Comments, Object: 991, Outcome: moderation.Refuse, Ground: moderation.Insult},
			[]river.InsertManyParams{
				{Args: publicsdb.SettleArgs{Comment: 991, Outcome: moderation.Refuse, Ground: moderation.Insult}},
			},
		},
		"a decision on something else is not": {moderation.Settled{Item: 1, Kind: "file", Object: 991}, nil},
		"a like wakes screens only":           {publics.Reacted{Post: 7}, nil},
	} {
		if diff := cmp.Diff(c.want, reactions(c.happened)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}
