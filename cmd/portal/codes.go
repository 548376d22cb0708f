package main

import (
	"context"
	"errors"
	"strconv"

	codesdb "veche/db/codes"

	"veche/cmd/portal/sms"
	"veche/cmd/portal/smtp"
	"veche/domain/codes"
	codesweb "veche/handlers/codes"
	codesview "veche/views/codes"
	"veche/views/words"
)

// mountCodes adds one-time codes, and what the operator reports of them.
func (p *portal) mountCodes() *codesdb.Store {
	store := codesdb.New(p.db, []byte(p.config.Secret), messenger{p})
	store.AddWorkers(p.workers)
	p.periodic = append(p.periodic, codesdb.PeriodicJobs()...)
	if p.texts != nil {
		p.server.Mount(codesweb.New(receipts{p.texts, noteReceipt(store)}).Routes())
	}
	return store
}

// messenger sends codes by text message and by letter.
type messenger struct{ p *portal }

// errNoChannel says that a code waits for a channel that is not configured.
var errNoChannel = errors.New("neither a mail server nor an SMS gateway is configured for this code")

// Send sends a code in the reader's language.
func (m messenger) Send(ctx context.Context, message codes.Message) error {
	ctx = words.WithZone(words.With(ctx, languageOf(message.Lang)), m.p.config.zone)
	switch {
	case message.Channel == codes.SMS && m.p.texts != nil:
		return m.text(ctx, message)
	case message.Channel == codes.Mail && m.p.letters != nil:
		return m.letter(ctx, message)
	}
	return errNoChannel
}

func (m messenger) text(ctx context.Context, message codes.Message) error {
	err := m.p.texts.Send(ctx, sms.Message{
		ID:       message.ID,
		To:       message.Address,
		Text:     codesview.Text(ctx, message),
		Callback: m.p.config.receiptsAddress(),
	})
	var answer sms.RefusedError
	if errors.As(err, &answer) && answer.Final() {
		return codes.RefusedError{Code: answer.Code}
	}
	return err
}

func (m messenger) letter(ctx context.Context, message codes.Message) error {
	subject, body := codesview.Letter(ctx, message)
	err := m.p.letters.Send(ctx, smtp.Letter{
		ID:      "code-" + message.ID + "@" + m.p.config.mailDomain(),
		To:      message.Address,
		Subject: subject,
		Body:    body,
	})
	var answer smtp.RefusedError
	if errors.As(err, &answer) && answer.Final() {
		return codes.RefusedError{Code: strconv.Itoa(answer.Code)}
	}
	return err
}

// noteReceipt hands what a receipt says to the store of codes.
func noteReceipt(store *codesdb.Store) func(ctx context.Context, code string, sending int, delivered bool) error {
	return func(ctx context.Context, code string, sending int, delivered bool) error {
		became := codes.Failed
		if delivered {
			became = codes.Delivered
		}
		return store.Delivery(ctx, code, sending, became)
	}
}
