package main

import (
	"context"
	"errors"
	"strings"

	"veche/cmd/portal/sms"
	accountsdb "veche/db/accounts"
	notificationsdb "veche/db/notifications"
	"veche/domain/accounts"
	"veche/domain/notifications"
	accountsview "veche/views/accounts"
	"veche/views/layout"
	notificationsview "veche/views/notifications"
	"veche/views/words"
)

// alertOf says of which lines of their journal people are told (SEC-09, SEC-13).
var alertOf = map[accounts.Note]notifications.Kind{
	accounts.NoteThreat:       notifications.SessionStopped,
	accounts.NotePassword:     notifications.PasswordNew,
	accounts.NoteSecondFactor: notifications.SecondNew,
	accounts.NoteContact:      notifications.ContactNew,
	accounts.NoteDevice:       notifications.DeviceBound,
	accounts.NoteSuspicious:   notifications.AccountClosed,
}

func alert(kind notifications.Kind, line int64) jobs {
	return jobs{now(notificationsdb.TellArgs{What: kind, About: line})}
}

// signedIn tells of what is out of the ordinary in a sign-in.
func signedIn(e accounts.SignedIn) jobs {
	switch {
	case e.NewBrowser:
		return alert(notifications.NewBrowser, e.Note)
	case e.Unusual:
		return alert(notifications.UnusualHour, e.Note)
	}
	return nil
}

// refused tells of failed tries. One for a login that nobody has puts a job into the
// queue as well, so that the work is the same; it finds nobody to tell.
func refused(e accounts.SignInRefused) jobs {
	switch {
	case e.Closed:
		return alert(notifications.SignInClosed, e.Note)
	case !e.Known:
		return alert(notifications.UnknownAttempt, e.Note)
	}
	return nil
}

// alertComposers say what people are told of their accounts. What an alert asks about
// is a line of their journal.
func alertComposers(people *accountsdb.Store) map[notifications.Kind]notificationsdb.Compose {
	composers := map[notifications.Kind]notificationsdb.Compose{}
	for _, kind := range []notifications.Kind{
		notifications.NewBrowser, notifications.UnusualHour, notifications.UnknownAttempt, notifications.SignInClosed,
		notifications.SessionStopped, notifications.PasswordNew, notifications.SecondNew, notifications.ContactNew,
		notifications.DeviceBound, notifications.AccountClosed,
	} {
		composers[kind] = func(ctx context.Context, line int64, _ map[string]string) (notifications.Notice, error) {
			raised, err := people.RaiseAlert(ctx, line, string(kind))
			if err != nil {
				return notifications.Notice{}, err
			}
			place := raised.Place()
			return notifications.Notice{
				Kind: kind,
				Facts: map[string]string{
					notifications.Device:  strings.Trim(place.Browser()+" · "+place.System(), " ·"),
					notifications.Address: place.Address,
				},
				Path: layout.AlertsPath + "/" + raised.PublicID,
				To:   []accounts.ID{raised.Account},
			}, nil
		}
	}
	return composers
}

// alertLink is where the reader of a letter says whether it was them. The token follows
// from the alert and stands in the letter alone.
func alertLink(c config, people *accountsdb.Store, n notifications.Notification) string {
	public := strings.TrimPrefix(n.Path, layout.AlertsPath+"/")
	return c.absolute(accountsview.AlertHref(people.AlertToken(public)))
}

// texter is nil where no SMS gateway is configured.
func (p *portal) texter() notificationsdb.Texter {
	if p.texts == nil {
		return nil
	}
	return phone{p.texts, p.config}
}

// phone turns notifications into text messages.
type phone struct {
	texts  *sms.Gateway
	config config
}

// unlockPath is where a person opens their account again.
const unlockPath = "/unlock"

// Send writes the text message in its reader's language.
func (m phone) Send(ctx context.Context, text notifications.Text) error {
	ctx = words.WithZone(words.With(ctx, languageOf(text.Lang)), m.config.zone)
	err := m.texts.Send(ctx, sms.Message{
		ID:   "notification-" + text.ID,
		To:   text.Number,
		Text: notificationsview.Text(ctx, text.Notification, m.config.absolute(unlockPath)),
	})
	var answer sms.RefusedError
	if errors.As(err, &answer) && answer.Final() {
		return notifications.RefusedError{Code: answer.Status}
	}
	return err
}
