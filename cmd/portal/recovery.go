package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"veche/cmd/portal/registers"
	"veche/cmd/portal/sms"
	"veche/cmd/portal/smtp"
	recoverydb "veche/db/recovery"
	"veche/domain/accounts"
	"veche/domain/codes"
	"veche/domain/recovery"
	recoveryweb "veche/handlers/recovery"
	"veche/static"
	recoveryview "veche/views/recovery"
	"veche/views/words"
)

// mountRecovery adds what people get their accounts back with, and the support desk.
func (p *portal) mountRecovery() {
	joints := recoverydb.Joints{Accounts: p.accounts, Codes: p.codes, Proofs: p.proofs, Messenger: messenger{p}}
	if p.papers != nil {
		joints.Register = register{p.papers}
	}
	p.recovery.Join(joints)
	p.recovery.AddWorkers(p.workers)
	p.periodic = append(p.periodic, recoverydb.PeriodicJobs()...)
	web := recoveryweb.New(p.recovery, accounts.NewPasswordPolicy(static.LeakedPassword), p.accounts)
	web.Live(p.server)
	p.server.Mount(web.Routes())
}

// register asks the state's register about papers.
type register struct{ client *registers.Client }

// Ask asks about a paper. Asked again about the same it is the same check.
func (r register) Ask(ctx context.Context, about recovery.PaperCheck) (recovery.Finding, error) {
	names := strings.Fields(about.Name)
	request := registers.Request{ID: about.ID, Series: about.Paper.Series, Number: about.Paper.Number, Copy: about.Copy}
	switch len(names) {
	case 0, 1:
		return recovery.Finding{}, recovery.ErrNotTaken
	case 2:
		request.Name, request.Surname = names[0], names[1]
	default:
		request.Name, request.Patronymic, request.Surname = names[0], strings.Join(names[1:len(names)-1], " "), names[len(names)-1]
	}
	check, err := r.client.Check(ctx, request)
	if refused := (registers.RefusedError{}); errors.As(err, &refused) {
		return recovery.Finding{}, fmt.Errorf("%w: %w", recovery.ErrNotTaken, err)
	}
	return recovery.Finding{Final: check.Final(), Match: check.Status == registers.Match, Reason: string(check.Reason)}, err
}

// Tell tells something about a recovery.
func (m messenger) Tell(ctx context.Context, message recovery.Message) error {
	ctx = words.WithZone(words.With(ctx, languageOf(message.Lang)), m.p.config.zone)
	switch {
	case message.Channel == codes.SMS && m.p.texts != nil:
		err := m.p.texts.Send(ctx, sms.Message{ID: message.ID, To: message.Address, Text: recoveryview.Text(ctx, message)})
		if refused := (sms.RefusedError{}); errors.As(err, &refused) && refused.Final() {
			return codes.RefusedError{Code: refused.Code}
		}
		return err
	case message.Channel == codes.Mail && m.p.letters != nil:
		subject, body := recoveryview.Letter(ctx, message)
		err := m.p.letters.Send(ctx, smtp.Letter{
			ID: message.ID + "@" + m.p.config.mailDomain(), To: message.Address, Subject: subject, Body: body,
		})
		if refused := (smtp.RefusedError{}); errors.As(err, &refused) && refused.Final() {
			return codes.RefusedError{Code: strconv.Itoa(refused.Code)}
		}
		return err
	}
	return nil // where a channel is not configured, the other tells
}

// papers prepares asking the register of identity papers; without one it is nil.
func (c config) papers(metrics prometheus.Registerer) (*registers.Client, error) {
	if c.RegistersURL == "" {
		return nil, nil
	}
	client, err := registers.New(registers.Options{
		URL: c.RegistersURL, CAFile: c.RegistersCA, CertFile: c.RegistersCert, KeyFile: c.RegistersKey, Metrics: metrics,
	})
	if err != nil {
		return nil, fmt.Errorf("VECHE_REGISTERS_URL and the files that belong to it: %w", err)
	}
	return client, nil
}
