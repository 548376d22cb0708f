package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/riverqueue/river"

	moderationdb "veche/db/moderation"
	pollsdb "veche/db/polls"
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
		"a held comment goes to the moderators": {
			publics.CommentHeld{Post: 7, Comment: 991, Account: "anna", Suspicions: []moderation.Suspicion{moderation.Links}},
			[]river.InsertManyParams{{Args: moderationdb.QueueArgs{
				Of: moderation.Comments, Object: 991, Suspicions: []moderation.Suspicion{moderation.Links},
			}}},
		},
		"a lease ends by itself": {
			moderation.Taken{Item: 5, By: "gleb", Token: 3, Until: closes},
			[]river.InsertManyParams{{
				Args: moderationdb.LapseArgs{Item: 5, Token: 3}, InsertOpts: &river.InsertOpts{ScheduledAt: closes},
			}},
		},
		"and so does the one that an undone decision leaves": {
			moderation.Undone{Item: 5, By: "gleb", Token: 4, Until: closes},
			[]river.InsertManyParams{{
				Args: moderationdb.LapseArgs{Item: 5, Token: 4}, InsertOpts: &river.InsertOpts{ScheduledAt: closes},
			}},
		},
		"a decision takes effect by itself": {
			moderation.Decided{Item: 5, By: "gleb", Token: 3, EffectiveAt: opens},
			[]river.InsertManyParams{{Args: moderationdb.SettleArgs{Item: 5, Token: 3}}},
		},
		"a vote wakes screens only": {polls.VoteCast{Poll: 42}, nil},
	} {
		if diff := cmp.Diff(c.want, reactions(c.happened)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}
