package main

import (
	"context"
	"errors"
	"fmt"
	"maps"

	accountsdb "veche/db/accounts"
	notificationsdb "veche/db/notifications"
	pollsdb "veche/db/polls"
	publicsdb "veche/db/publics"

	"veche/cmd/portal/smtp"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/notifications"
	"veche/domain/polls"
	"veche/domain/publics"
	"veche/handlers"
	notificationsweb "veche/handlers/notifications"
	notificationsview "veche/views/notifications"
	pollsview "veche/views/polls"
	publicsview "veche/views/publics"
	"veche/views/words"
)

// mountNotifications adds what people are told: the feed, the bell of every page,
// and letters. Which event tells whom of what stands among the reactions.
func (p *portal) mountNotifications() *notificationsweb.Handler {
	compose := composers(pollsdb.New(p.db), publicsdb.New(p.db))
	compose[notifications.PasswordOld] = p.composePasswordOld
	maps.Copy(compose, alertComposers(p.accounts))
	store := notificationsdb.New(p.db, notificationsdb.Options{
		Compose: compose,
		Mailer:  p.mailer(),
		Texter:  p.texter(),
	})
	store.AddWorkers(p.workers)
	web := notificationsweb.New(store)
	web.Live(p.server)
	p.server.Mount(web.Routes())
	p.server.Ring(web)
	return web
}

// composers say, kind by kind, what is told and to whom.
func composers(ofPolls *pollsdb.Store, ofPublics *publicsdb.Store) map[notifications.Kind]notificationsdb.Compose {
	aboutComment := func(kind notifications.Kind) notificationsdb.Compose {
		return func(ctx context.Context, about int64, facts map[string]string) (notifications.Notice, error) {
			place, err := ofPublics.CommentPlace(ctx, publics.CommentID(about))
			if err != nil {
				return notifications.Notice{}, err
			}
			said := map[string]string{notifications.Subject: place.Title}
			if ground := facts[notifications.Ground]; ground != "" {
				said[notifications.Ground] = ground
			}
			return notifications.Notice{
				Kind:  kind,
				Facts: said,
				Path:  publicsview.PostHref(place.Slug, place.Post),
				To:    []accounts.ID{place.Author},
			}, nil
		}
	}
	return map[notifications.Kind]notificationsdb.Compose{
		notifications.CommentPublished: aboutComment(notifications.CommentPublished),
		notifications.CommentRefused:   aboutComment(notifications.CommentRefused),
		notifications.PollOpened: func(ctx context.Context, about int64, _ map[string]string) (notifications.Notice, error) {
			sheet, err := ofPolls.Sheet(ctx, access.Guest(), polls.ID(about))
			if err != nil {
				return notifications.Notice{}, err
			}
			return notifications.Notice{
				Kind:     notifications.PollOpened,
				Facts:    map[string]string{notifications.Subject: sheet.Poll.Question},
				Path:     pollsview.Href(sheet.Poll.ID),
				Everyone: true,
			}, nil
		},
	}
}

// composePasswordOld advises a person to choose another password.
func (p *portal) composePasswordOld(ctx context.Context, about int64, _ map[string]string) (notifications.Notice, error) {
	who, err := p.accounts.Reminded(ctx, about)
	if err != nil {
		return notifications.Notice{}, err
	}
	return notifications.Notice{Kind: notifications.PasswordOld, Path: handlers.ChangePasswordPath, To: []accounts.ID{who}}, nil
}

// mailer is nil where no mail server is configured.
func (p *portal) mailer() notificationsdb.Mailer {
	if p.letters == nil {
		return nil
	}
	return post{p.letters, p.config, p.accounts}
}

// languageOf is the language somebody is written to in; Russian unless the portal
// speaks theirs.
func languageOf(lang string) words.Lang {
	if chosen := words.Lang(lang); chosen.Valid() {
		return chosen
	}
	return words.Russian
}

// post turns notifications into letters.
type post struct {
	letters *smtp.Sender
	config  config
	people  *accountsdb.Store
}

// words are those of the letter: an alert asks whether it was its reader.
func (m post) words(ctx context.Context, letter notifications.Letter) (subject, body string) {
	if letter.Kind.Section() == notifications.Security {
		return notificationsview.Alert(ctx, letter.Notification, alertLink(m.config, m.people, letter.Notification))
	}
	return notificationsview.Letter(ctx, letter.Notification,
		m.config.absolute(notificationsview.Root+"/"+letter.ID), m.config.absolute(notificationsview.SettingsPath))
}

// Send writes the letter in its reader's language.
func (m post) Send(ctx context.Context, letter notifications.Letter) error {
	ctx = words.WithZone(words.With(ctx, languageOf(letter.Lang)), m.config.zone)
	subject, body := m.words(ctx, letter)
	err := m.letters.Send(ctx, smtp.Letter{
		ID:      fmt.Sprintf("notification-%s@%s", letter.ID, m.config.mailDomain()),
		To:      letter.Address,
		Subject: subject,
		Body:    body,
	})
	var answer smtp.RefusedError
	if errors.As(err, &answer) && answer.Final() {
		return notifications.RefusedError{Code: answer.Code}
	}
	return err
}
