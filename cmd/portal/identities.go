package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"veche/cmd/portal/openid"
	identitiesdb "veche/db/identities"
	"veche/domain/accounts"
	"veche/domain/identities"
	accountsweb "veche/handlers/accounts"
	factorsweb "veche/handlers/factors"
	identitiesweb "veche/handlers/identities"
)

// mountIdentities adds sign-in through those who vouch for people.
func (p *portal) mountIdentities(people *accountsweb.Handler, security *factorsweb.Handler) error {
	store := identitiesdb.New(p.db, p.accounts)
	store.AddWorkers(p.workers)
	p.periodic = append(p.periodic, identitiesdb.PeriodicJobs()...)
	var clients []identitiesweb.Client
	for _, row := range p.config.providers {
		public := strings.TrimSuffix(p.config.absolute(""), "/")
		clients = append(clients, provider{openid.New(row, public, time.Now), public + "/sign-in"})
	}
	web, err := identitiesweb.New(store, []byte(p.config.Secret), time.Now, clients...)
	if err != nil {
		return err
	}
	people.Add(web.SignInWay)
	people.LeaveBy(web.After)
	security.Add(web.Section)
	p.server.Mount(web.Routes())
	return nil
}

// provider is a client as the area knows it.
type provider struct {
	client *openid.Client
	after  string // where people come who signed out there
}

func (p provider) Provider() identities.Provider {
	row := p.client.Provider
	return identities.Provider{
		Key:   row.Key,
		Names: map[string]string{"ru": row.Name.RU, "en": row.Name.EN},
		Icon:  row.Icon,
		Trust: identities.Trust(row.Trust),
	}
}

func (p provider) Issuer() string { return p.client.Provider.Issuer }

func requestOf(way identitiesweb.Way) openid.Request {
	return openid.Request{State: way.State, Nonce: way.Nonce, Verifier: way.Verifier, Lang: way.Lang}
}

// Address is where the browser goes.
func (p provider) Address(ctx context.Context, way identitiesweb.Way) (string, error) {
	address, err := p.client.AuthURL(ctx, requestOf(way))
	return address, providerProblem(err)
}

// Person is who came back.
func (p provider) Person(ctx context.Context, answer identitiesweb.Answer, way identitiesweb.Way) (identities.Person, error) {
	said, err := p.client.Exchange(ctx, openid.Answer{Code: answer.Code, Issuer: answer.Issuer, Problem: answer.Problem}, requestOf(way))
	if err != nil {
		return identities.Person{}, providerProblem(err)
	}
	return personOf(said), nil
}

func personOf(said openid.Claims) identities.Person {
	return identities.Person{
		Provider: said.Provider, Issuer: said.Issuer, Subject: said.Subject,
		Name: said.Name, Email: emailOf(said.Email), Phone: said.Phone, SNILS: said.SNILS, INN: said.INN,
		BirthDate: said.Birthdate, Trusted: said.Trusted,
		EmailVerified: said.EmailVerified, PhoneVerified: said.PhoneVerified,
		ACR: said.ACR, AMR: said.AMR, Session: said.SessionID,
	}
}

// emailOf is an address in the spelling of logins, "" when it is none.
func emailOf(said string) string {
	email, err := accounts.ParseEmail(said)
	if err != nil {
		return ""
	}
	return email
}

// Logout reads what the provider posts when somebody signs out there.
func (p provider) Logout(ctx context.Context, token string) (identities.Logout, error) {
	over, err := p.client.Logout(ctx, token)
	if err != nil {
		return identities.Logout{}, providerProblem(err)
	}
	return identities.Logout{ID: over.ID, Subject: over.Subject, Session: over.SessionID, Expires: over.Expires}, nil
}

// Exit is where a person signs out at the provider.
func (p provider) Exit(ctx context.Context) (string, error) {
	address, err := p.client.EndSessionURL(ctx, "", p.after, "")
	return address, providerProblem(err)
}

// providerProblem says what a person reads of a failure; the reason stays with it for
// the log.
func providerProblem(err error) error {
	for failure, known := range map[error]error{
		openid.ErrAway:    identities.ErrAway,
		openid.ErrRefused: identities.ErrRefused,
		openid.ErrForged:  identities.ErrForged,
		openid.ErrLevel:   identities.ErrLevel,
	} {
		if errors.Is(err, failure) {
			return errors.Join(known, err)
		}
	}
	return err
}
