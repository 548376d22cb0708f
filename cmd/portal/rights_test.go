package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"veche/db"
	accountsdb "veche/db/accounts"
	"veche/db/given"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/hub/hubtest"
)

// withdrawnWithin is how soon no socket may be left of withdrawn access.
const withdrawnWithin = time.Second

// accounts is the use cases of people in the test itself, which announces what it
// commits as a process of the fleet does.
func (f *fleet) accounts() *accountsdb.Store {
	f.t.Helper()
	publisher := db.NewPublisher(f.DB, f.broker(), nil)
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		_ = publisher.Run(ctx)
	}()
	f.t.Cleanup(func() { stop(); <-stopped })
	return accountsdb.New(f.DB, accountsdb.WithHashing(given.CheapHashing))
}

// anotherSession opens one more session of a person.
func (f *fleet) anotherSession(of access.Actor) accounts.Token {
	f.t.Helper()
	token := accounts.NewToken()
	_, err := f.DB.Pool().Exec(f.t.Context(), `
		INSERT INTO sessions (public_id, token_hash, account_id, expires_at)
		VALUES ($1, $2, $3, now() + interval '1 hour')`, accounts.NewPublicID(), token.Hash(), of.Account)
	if err != nil {
		f.t.Fatal(err)
	}
	return token
}

// signOut sends the form that ends a session.
func signOut(t *testing.T, token accounts.Token, to *process) error {
	_, document, err := load(t.Context(), to, token, "/profile")
	if err != nil {
		return err
	}
	form := url.Values{"csrf": {document.Find(`input[name="csrf"]`).AttrOr("value", "")}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to.URL+"/sign-out", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header = headerOf(token, to)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := visitors.Do(request)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusSeeOther {
		err = fmt.Errorf("the sign-out was answered with %d", response.StatusCode)
	}
	return errors.Join(err, response.Body.Close())
}

// knock opens a socket under a token of no use any more and answers with which code it
// is closed.
func knock(t *testing.T, token accounts.Token, on *process) websocket.StatusCode {
	t.Helper()
	return hubtest.OpenPage(t, on.URL+"/live", &websocket.DialOptions{HTTPHeader: headerOf(token, on)}).AwaitEnd()
}

// Access that is withdrawn closes the sockets it concerns on every process within a
// second of the commit, and no others.
func TestWithdrawnAccessClosesItsSocketsOnEveryProcess(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	one, two := f.start(), f.start()
	people := f.accounts()
	poll := given.OpenPoll(t, f.DB)
	admin, _ := given.Person(t, f.DB, accounts.Grant{Role: accounts.RoleAdmin})
	_, neighbour := given.Person(t, f.DB)
	var stay, gone []*page
	for _, token := range []accounts.Token{neighbour, ""} {
		stay = append(stay, f.open(token, pagePath(poll), one), f.open(token, pagePath(poll), two))
	}

	for _, c := range []struct {
		name     string
		sessions int // of three, how many it concerns
		bye      string
		do       func(access.Actor, accounts.Token) error
	}{
		{"sign-out everywhere", 3, "session", func(who access.Actor, _ accounts.Token) error {
			return people.SignOutEverywhere(t.Context(), who)
		}},
		{"sign-out of one session", 1, "session", func(_ access.Actor, token accounts.Token) error {
			return signOut(t, token, one)
		}},
		{"a role given", 3, "role", func(who access.Actor, _ accounts.Token) error {
			return people.Grant(t.Context(), admin, who.Public, accounts.Grant{Role: accounts.RoleSupport})
		}},
		{"a role taken", 3, "role", func(who access.Actor, _ accounts.Token) error {
			return people.Revoke(t.Context(), admin, who.Public, accounts.RoleModerator, "")
		}},
	} {
		who, token := given.Person(t, f.DB, accounts.Grant{Role: accounts.RoleModerator})
		tokens := []accounts.Token{token, f.anotherSession(who), f.anotherSession(who)}
		var concerned []*page
		for i, token := range tokens {
			pages := []*page{f.open(token, pagePath(poll), one), f.open(token, pagePath(poll), two)}
			if i < c.sessions {
				concerned = append(concerned, pages...)
			} else {
				stay = append(stay, pages...)
			}
		}
		began := time.Now()
		if err := c.do(who, token); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var last time.Duration
		for _, p := range concerned {
			end := p.awaitEnd()
			last = max(last, end.at.Sub(began))
			if end.code != websocket.StatusPolicyViolation {
				t.Errorf("%s: a socket was closed with %d", c.name, end.code)
			}
			p.awaitSaid(`{"bye":"` + c.bye + `"}`)
		}
		if t.Logf("%s: the last socket was closed after %s", c.name, last.Round(time.Millisecond)); last > withdrawnWithin {
			t.Errorf("%s: the last socket was closed only after %s", c.name, last)
		}
		gone = append(gone, concerned...)

		if c.bye == "role" { // the page is loaded anew, and is live under the new rights
			stay = append(stay, f.open(token, pagePath(poll), one))
			continue
		}
		for _, token := range tokens[:c.sessions] {
			for _, process := range []*process{one, two} {
				if code := knock(t, token, process); code != websocket.StatusPolicyViolation {
					t.Errorf("%s: the old cookie opens a socket that is closed with %d", c.name, code)
				}
			}
		}
	}

	castAll(t, f.crowd(poll, 1, two), two)
	for _, p := range stay {
		p.awaitText(tallyOf(poll), "Проголосовал 1 человек")
		if p.opened() != 1 {
			t.Errorf("the page of somebody not concerned has had %d sockets", p.opened())
		}
	}
	for _, p := range gone {
		if strings.Contains(p.text(tallyOf(poll)), "Проголосовал 1 человек") {
			t.Error("a page whose access was withdrawn goes on")
		}
	}
}
