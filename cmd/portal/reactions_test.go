package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/riverqueue/river"

	moderationdb "veche/db/moderation"
	notificationsdb "veche/db/notifications"
	pollsdb "veche/db/polls"
	publicsdb "veche/db/publics"
	recoverydb "veche/db/recovery"
	"veche/domain/event"
	"veche/domain/moderation"
	"veche/domain/notifications"
	"veche/domain/polls"
	"veche/domain/publics"
	"veche/domain/recovery"
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
		"people are told of a poll that opens": {
			polls.Opened{Poll: 42},
			[]river.InsertManyParams{{Args: notificationsdb.TellArgs{What: notifications.PollOpened, About: 42}}},
		},
		"the author is told of a comment that a moderator let through": {
			publics.CommentPublished{Post: 7, Comment: 991, Reviewed: true, NoticeUntil: closes},
			[]river.InsertManyParams{
				{Args: publicsdb.NoticeArgs{Comment: 991}, InsertOpts: &river.InsertOpts{ScheduledAt: closes}},
				{Args: notificationsdb.TellArgs{What: notifications.CommentPublished, About: 991}},
			},
		},
		"and of none that was published at once": {
			publics.CommentPublished{Post: 7, Comment: 991, NoticeUntil: closes},
			[]river.InsertManyParams{{Args: publicsdb.NoticeArgs{Comment: 991}, InsertOpts: &river.InsertOpts{ScheduledAt: closes}}},
		},
		"what moderators decided is done to the comment": {
			moderation.Settled{Item: 5, Moderator: "gleb", Kind: moderation.Comments, Object: 991, Outcome: moderation.Refuse, Ground: moderation.Insult},
			[]river.InsertManyParams{{Args: publicsdb.SettleArgs{Comment: 991, Outcome: moderation.Refuse, Ground: moderation.Insult}}},
		},
		"the author of a refused comment is told why": {
			publics.CommentRefused{Post: 7, Comment: 991, Ground: moderation.Insult},
			[]river.InsertManyParams{{Args: notificationsdb.TellArgs{
				What: notifications.CommentRefused, About: 991, Facts: map[string]string{notifications.Ground: "insult"},
			}}},
		},
		"letters go out and the next people are told": {
			notifications.Told{Kind: notifications.PollOpened, About: 42, Accounts: []string{"a1"}, Letters: []int64{8, 9}, Next: 1000},
			[]river.InsertManyParams{
				{Args: notificationsdb.MailArgs{Notification: 8}},
				{Args: notificationsdb.MailArgs{Notification: 9}},
				{Args: notificationsdb.TellArgs{What: notifications.PollOpened, About: 42, After: 1000}},
			},
		},
		"a paper is looked at": {
			recovery.PaperShown{Key: 7, Attempt: "r1"},
			[]river.InsertManyParams{{Args: recoverydb.CheckPaperArgs{Recovery: 7}}},
		},
		"a lifted lock is told": {
			recovery.PaperMoved{Key: 7, Attempt: "r1", State: recovery.Approved},
			[]river.InsertManyParams{{Args: recoverydb.TellArgs{What: recovery.TellApproved, Recovery: 7}}},
		},
		"a refused paper is told": {
			recovery.PaperMoved{Key: 7, Attempt: "r1", State: recovery.Refused},
			[]river.InsertManyParams{{Args: recoverydb.TellArgs{What: recovery.TellRefused, Recovery: 7}}},
		},
		"a paper that goes to people wakes screens only": {recovery.PaperMoved{Key: 7, Attempt: "r1", State: recovery.AtDesk}, nil},
		"sign-in that was opened again is told": {
			recovery.Unlocked{Account: "a1", ID: 3, At: 7},
			[]river.InsertManyParams{{Args: recoverydb.TellArgs{What: recovery.TellUnlocked, Account: 3, At: 7}}},
		},
		"who asked the desk and the owner are told": {
			recovery.Requested{Request: 5},
			[]river.InsertManyParams{
				{Args: recoverydb.TellArgs{What: recovery.TellRequested, Request: 5}},
				{Args: recoverydb.TellArgs{What: recovery.TellWay, Request: 5}},
			},
		},
		"a temporary password is sent and told": {
			recovery.RequestMoved{Request: 5, State: recovery.RequestIssued},
			[]river.InsertManyParams{
				{Args: recoverydb.TellArgs{What: recovery.TellIssued, Request: 5}},
				{Args: recoverydb.TellArgs{What: recovery.TellPassword, Request: 5}},
			},
		},
		"a refused request is told": {
			recovery.RequestMoved{Request: 5, State: recovery.RequestRefused},
			[]river.InsertManyParams{{Args: recoverydb.TellArgs{What: recovery.TellDenied, Request: 5}}},
		},
		"after the last nothing follows":      {notifications.Told{Kind: notifications.PollOpened, About: 42, Accounts: []string{"a1"}}, nil},
		"a decision on something else is not": {moderation.Settled{Item: 1, Kind: "file", Object: 991}, nil},
		"a like wakes screens only":           {publics.Reacted{Post: 7}, nil},
	} {
		if diff := cmp.Diff(c.want, reactions(c.happened)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}
