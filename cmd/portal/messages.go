package main

import (
	"context"
	"errors"
	"strconv"

	"veche/cmd/portal/sms"
	"veche/cmd/portal/smtp"
	"veche/domain/accounts"
	accountsview "veche/views/accounts"
	"veche/views/words"
)

// teller tells people what concerns their account, by text message and by letter.
type teller struct{ p *portal }

// Tell sends a message in its reader's language.
func (t teller) Tell(ctx context.Context, message accounts.Message) error {
	ctx = words.WithZone(words.With(ctx, languageOf(message.Lang)), t.p.config.zone)
	switch {
	case message.Channel == accounts.ByText && t.p.texts != nil:
		return t.text(ctx, message)
	case message.Channel == accounts.ByLetter && t.p.letters != nil:
		return t.letter(ctx, message)
	}
	return errNoTeller
}

// errNoTeller says that a message waits for a channel that is not configured.
var errNoTeller = errors.New("neither a mail server nor an SMS gateway is configured for this message")

func (t teller) text(ctx context.Context, message accounts.Message) error {
	err := t.p.texts.Send(ctx, sms.Message{
		ID: message.ID, To: message.Address, Text: accountsview.Text(ctx, message, t.p.config.absolute("")),
	})
	var answer sms.RefusedError
	if errors.As(err, &answer) && answer.Final() {
		return accounts.RefusedError{Code: answer.Code}
	}
	return err
}

func (t teller) letter(ctx context.Context, message accounts.Message) error {
	link := ""
	if message.Token != "" {
		link = t.p.config.absolute(accountsview.LinkPath(message.Token))
	}
	subject, body := accountsview.Letter(ctx, message, t.p.config.absolute(""), link)
	err := t.p.letters.Send(ctx, smtp.Letter{
		ID: "account-" + message.ID + "@" + t.p.config.mailDomain(), To: message.Address, Subject: subject, Body: body,
	})
	var answer smtp.RefusedError
	if errors.As(err, &answer) && answer.Final() {
		return accounts.RefusedError{Code: strconv.Itoa(answer.Code)}
	}
	return err
}
