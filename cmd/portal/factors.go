package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"

	"golang.org/x/net/idna"

	"veche/db"
	factorsdb "veche/db/factors"
	factorsweb "veche/handlers/factors"
	"veche/views/words"
)

// mountFactors adds the security settings and what proves people a second time.
// Other areas add their cards to the page that it answers.
func (p *portal) mountFactors() *factorsweb.Handler {
	p.factors.AddWorkers(p.workers)
	p.periodic = append(p.periodic, factorsdb.PeriodicJobs()...)
	web := factorsweb.New(p.factors)
	p.server.Mount(web.Routes())
	return web
}

// newFactors builds the store. Apps and devices know the portal by its Russian name.
func (c config) newFactors(d *db.DB) (*factorsdb.Store, error) {
	host, origins, err := c.relyingParty()
	if err != nil {
		return nil, err
	}
	return factorsdb.New(d, factorsdb.Options{
		Secret:       []byte(c.Secret),
		Issuer:       words.T(words.With(context.Background(), words.Russian), "common.portal"),
		RelyingParty: host,
		Origins:      origins,
	})
}

// relyingParty is the name that passkeys are bound to, and where their pages stand:
// that of VECHE_PUBLIC_URL, in the letters of the network. A number is no name
// (WebAuthn level 3, 4, RP ID); but whoever runs the portal on their own machine can
// reach it as localhost, which browsers trust without a certificate.
func (c config) relyingParty() (host string, origins []string, err error) {
	at := url.URL{Scheme: "http", Host: net.JoinHostPort(c.Host, c.Port)}
	if c.public.Host != "" {
		at = url.URL{Scheme: c.public.Scheme, Host: c.public.Host}
	}
	if number, err := netip.ParseAddr(at.Hostname()); err == nil {
		if !number.IsLoopback() || c.https() {
			return "", nil, nil
		}
		host = localhost
	} else if host, err = idna.Lookup.ToASCII(at.Hostname()); err != nil {
		return "", nil, fmt.Errorf("VECHE_PUBLIC_URL: %q is no name of the network: %w", at.Hostname(), err)
	}
	origin := at.Scheme + "://" + host
	if port := at.Port(); port != "" {
		origin += ":" + port
	}
	return host, []string{origin}, nil
}

const localhost = "localhost"
