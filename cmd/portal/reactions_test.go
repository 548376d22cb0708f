package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/riverqueue/river"

	accountsdb "veche/db/accounts"
	devicesdb "veche/db/devices"
	moderationdb "veche/db/moderation"
	notificationsdb "veche/db/notifications"
	pollsdb "veche/db/polls"
	publicsdb "veche/db/publics"
	recoverydb "veche/db/recovery"
	"veche/domain/accounts"
	"veche/domain/devices"
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
		"the owner of a contact that somebody claims is told": {
			accounts.ContactClaimed{Registration: 8, Channel: accounts.ByText},
			[]river.InsertManyParams{{Args: accountsdb.TellOwnerArgs{Registration: 8, Channel: accounts.ByText}}},
		},
		"a letter with a link goes out":          {accounts.LinkWanted{Link: 6}, []river.InsertManyParams{{Args: accountsdb.SendLinkArgs{Link: 6}}}},
		"the reader of a former contact is told": {accounts.ContactChanged{ID: 3, Change: 4}, []river.InsertManyParams{{Args: accountsdb.TellFormerArgs{Change: 4}}}},
		"nobody is told of the first contact":    {accounts.ContactChanged{ID: 3}, nil},
		"people are advised to change an old password": {
			accounts.PasswordOld{Reminder: 9},
			[]river.InsertManyParams{{Args: notificationsdb.TellArgs{What: notifications.PasswordOld, About: 9}}},
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
		"a new browser is told of": {
			accounts.SignedIn{Account: "a1", NewBrowser: true, Unusual: true, Note: 5},
			[]river.InsertManyParams{{Args: notificationsdb.TellArgs{What: notifications.NewBrowser, About: 5}}},
		},
		"and so is an unusual hour": {
			accounts.SignedIn{Account: "a1", Unusual: true, Note: 5},
			[]river.InsertManyParams{{Args: notificationsdb.TellArgs{What: notifications.UnusualHour, About: 5}}},
		},
		"a sign-in as always is not": {accounts.SignedIn{Account: "a1", Note: 5}, nil},
		"a failed try from an unknown browser is told of": {
			accounts.SignInRefused{Account: "a1", Note: 5},
			[]river.InsertManyParams{{Args: notificationsdb.TellArgs{What: notifications.UnknownAttempt, About: 5}}},
		},
		"one for a login that nobody has is the same work": {
			accounts.SignInRefused{},
			[]river.InsertManyParams{{Args: notificationsdb.TellArgs{What: notifications.UnknownAttempt}}},
		},
		"one from a known browser is not": {accounts.SignInRefused{Account: "a1", Known: true, Note: 5}, nil},
		"a sign-in that was closed is told of": {
			accounts.SignInRefused{Account: "a1", Closed: true, Known: true, Note: 5},
			[]river.InsertManyParams{{Args: notificationsdb.TellArgs{What: notifications.SignInClosed, About: 5}}},
		},
		"a password that changed is told of": {
			accounts.Noted{Account: "a1", Kind: accounts.NotePassword, Event: 5},
			[]river.InsertManyParams{{Args: notificationsdb.TellArgs{What: notifications.PasswordNew, About: 5}}},
		},
		"what is only for the journal is not": {accounts.Noted{Account: "a1", Kind: accounts.NoteConfirmed, Event: 5}, nil},
		"the link of a device goes out": {
			devices.LinkAsked{Device: 7}, []river.InsertManyParams{{Args: devicesdb.SendLinkArgs{Device: 7}}},
		},
		"text messages go out": {
			notifications.Told{Kind: notifications.SignInClosed, About: 5, Accounts: []string{"a1"}, Texts: []int64{8}},
			[]river.InsertManyParams{{Args: notificationsdb.TextArgs{Notification: 8}}},
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
