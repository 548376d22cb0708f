package main

import (
	"context"
	"errors"

	"github.com/riverqueue/river"

	"veche/cmd/portal/sms"
	codesdb "veche/db/codes"
	devicesdb "veche/db/devices"
	"veche/domain/accounts"
	devicesweb "veche/handlers/devices"
	devicesview "veche/views/devices"
	"veche/views/words"
)

// mountDevices adds the devices that people bind to their accounts.
func (p *portal) mountDevices(codes *codesdb.Store) {
	options := devicesdb.Options{Secret: []byte(p.config.Secret), Sessions: p.accounts, Codes: codes}
	if p.texts != nil {
		options.Texter = linkSender{p.texts, p.config}
	}
	store := devicesdb.New(p.db, options)
	store.AddWorkers(p.workers)
	web := devicesweb.New(store, p.config.absolute)
	web.Live(p.server)
	p.server.Mount(web.Routes())
}

// linkSender sends the link of a device to its owner's phone.
type linkSender struct {
	texts  *sms.Gateway
	config config
}

// SendLink sends it in its reader's language.
func (m linkSender) SendLink(ctx context.Context, id, number, lang string, link accounts.Token) error {
	ctx = words.With(ctx, languageOf(lang))
	err := m.texts.Send(ctx, sms.Message{
		ID:   "device-" + id,
		To:   number,
		Text: devicesview.Text(ctx, m.config.absolute(devicesview.LinkHref(link))),
	})
	var answer sms.RefusedError
	if errors.As(err, &answer) && answer.Final() {
		return river.JobCancel(err)
	}
	return err
}
