package accounts_test

import (
	"errors"
	"net/netip"
	"testing"

	accountsdb "veche/db/accounts"
	"veche/domain/access"
	"veche/domain/accounts"
)

// lineOf is the newest line of a kind in a person's journal.
func (p portal) lineOf(who accounts.ID, kind accounts.Note) int64 {
	p.t.Helper()
	var line int64
	err := p.db.Pool().QueryRow(p.t.Context(), `
		SELECT id FROM account_events WHERE account_id = $1 AND kind = $2 ORDER BY id DESC LIMIT 1`, who, kind).Scan(&line)
	if err != nil {
		p.t.Fatal(err)
	}
	return line
}

func (p portal) raise(line int64) (accounts.Alert, accounts.Token) {
	p.t.Helper()
	alert, err := p.store.RaiseAlert(p.t.Context(), line, "new_browser")
	if err != nil {
		p.t.Fatal(err)
	}
	return alert, p.store.AlertToken(alert.PublicID)
}

func TestNotMeEndsEverythingAndClosesTheAccountOnce(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person("anna")
	p.person("boris")
	first, _ := p.signIn("anna")
	second, _ := p.signIn("anna")
	boris, _ := p.signIn("boris")
	alert, token := p.raise(p.lineOf(anna.ID, accounts.NoteSignedIn))
	if again, _ := p.raise(p.lineOf(anna.ID, accounts.NoteSignedIn)); again.PublicID != alert.PublicID {
		t.Error("one line raises two alerts")
	}
	var stored int
	if err := p.db.Pool().QueryRow(t.Context(), `SELECT count(*) FROM alerts a WHERE a::text LIKE '%' || $1 || '%'`, string(token)).Scan(&stored); err != nil || stored != 0 {
		t.Errorf("the token stands in %d rows (%v)", stored, err)
	}
	if err := p.store.AnswerAlert(t.Context(), token, accounts.NotMine, accounts.Place{}); err != nil {
		t.Fatal(err)
	}
	for _, gone := range []accounts.Token{first, second} {
		if p.actor(gone).SignedIn() {
			t.Error("a session goes on")
		}
	}
	if !p.actor(boris).SignedIn() {
		t.Error("another person was signed out")
	}
	_, err := p.store.SignIn(t.Context(), access.Guest(), offer(t, "anna@demo.test", secret), accounts.Place{})
	if !errors.Is(err, accounts.ErrSuspicious) {
		t.Errorf("sign-in answers %v", err)
	}
	for _, answer := range []accounts.AlertAnswer{accounts.Mine, accounts.NotMine} {
		if err := p.store.AnswerAlert(t.Context(), token, answer, accounts.Place{}); !errors.Is(err, accounts.ErrAlertOver) {
			t.Errorf("answered again with %s: %v", answer, err)
		}
	}
	if n := len(p.audited(access.AnswerAlert)); n != 1 {
		t.Errorf("%d audit entries", n)
	}
}

func TestAlertIsOneOwnersAndForAWeek(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person("anna")
	p.person("boris")
	session, actor := p.signIn("anna")
	_, boris := p.signIn("boris")
	alert, token := p.raise(p.lineOf(anna.ID, accounts.NoteSignedIn))
	if _, err := p.store.OwnAlert(t.Context(), boris, alert.PublicID); !errors.Is(err, accounts.ErrNoAlert) {
		t.Errorf("another's alert: %v", err)
	}
	if own, err := p.store.OwnAlert(t.Context(), actor, alert.PublicID); err != nil || own != token {
		t.Errorf("one's own alert: %v", err)
	}
	for _, forged := range []accounts.Token{"", "sample", accounts.NewToken(), token + "A"} {
		if err := p.store.AnswerAlert(t.Context(), forged, accounts.NotMine, accounts.Place{}); !errors.Is(err, accounts.ErrNoAlert) {
			t.Errorf("%q answers: %v", forged, err)
		}
	}
	p.exec(`UPDATE alerts SET expires_at = now()`)
	if err := p.store.AnswerAlert(t.Context(), token, accounts.NotMine, accounts.Place{}); !errors.Is(err, accounts.ErrAlertOver) {
		t.Errorf("a week later: %v", err)
	}
	if !p.actor(session).SignedIn() {
		t.Error("an alert that was over ended the session")
	}
}

func TestSessionOfAnotherCannotBeEnded(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.person("anna")
	p.person("boris")
	token, anna := p.signIn("anna")
	_, boris := p.signIn("boris")
	for _, session := range []string{anna.Session, "nobodys"} {
		if err := p.store.EndOne(t.Context(), boris, session); !errors.Is(err, accounts.ErrNoSession) {
			t.Errorf("%q: %v", session, err)
		}
	}
	if err := p.store.EndOthers(t.Context(), boris); err != nil {
		t.Fatal(err)
	}
	if !p.actor(token).SignedIn() {
		t.Error("the session of another was ended")
	}
}

func TestHiddenLinesAreOldAndOnesOwn(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.person("anna")
	p.person("boris")
	_, first := p.signIn("anna")
	if err := p.store.SignOut(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	_, anna := p.signIn("anna")
	_, boris := p.signIn("boris")
	p.exec(`UPDATE account_events SET at = now() - interval '25 hours' WHERE session = $1 AND kind = 'ended' OR session = $2`, first.Session, anna.Session)
	old, fresh := p.lineOf(anna.Account, accounts.NoteEnded), p.lineOf(anna.Account, accounts.NoteSignedIn)
	if err := p.store.HideActivity(t.Context(), boris, old); !errors.Is(err, accounts.ErrNoActivity) {
		t.Errorf("another's line: %v", err)
	}
	if err := p.store.HideActivity(t.Context(), anna, fresh); !errors.Is(err, accounts.ErrNoActivity) {
		t.Errorf("a line of an open session: %v", err)
	}
	if err := p.store.HideActivity(t.Context(), anna, 0); err != nil {
		t.Fatal(err)
	}
	lines, _, err := p.store.Activity(t.Context(), anna, accounts.ActivityFilter{})
	if err != nil || len(lines) != 2 {
		t.Errorf("the journal shows %d lines (%v)", len(lines), err)
	}
	if n := len(p.audited(access.SignOut)); n != 1 {
		t.Errorf("the audit has %d entries of the sign-out", n)
	}
}

func TestNetworksKeepOthersOutAtOnce(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.person("anna")
	in := func(address string) (accounts.Token, error) {
		entry, err := p.store.SignIn(t.Context(), access.Guest(), offer(t, "anna@demo.test", secret), accounts.Place{Address: address})
		return entry.Token, err
	}
	home, err := in("198.51.100.7")
	if err != nil {
		t.Fatal(err)
	}
	away, err := in("203.0.113.9")
	if err != nil {
		t.Fatal(err)
	}
	actor := p.actor(home)
	actor.Fresh = true
	at := accounts.Place{Address: "198.51.100.7"}
	foreign := accountsdb.Restriction{Networks: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}}
	if err := p.store.Restrict(t.Context(), actor, foreign, at); !errors.Is(err, accounts.ErrOwnNetwork) {
		t.Errorf("shut out by oneself: %v", err)
	}
	own := accountsdb.Restriction{Bound: true, Networks: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}}
	if err := p.store.Restrict(t.Context(), actor, own, at); err != nil {
		t.Fatal(err)
	}
	if p.actor(away).SignedIn() {
		t.Error("a session from elsewhere goes on")
	}
	if now := p.actor(home); now.Address != "198.51.100.7" || now.Rights != actor.Rights+1 {
		t.Errorf("the own session became %+v", now)
	}
	if _, err := in("203.0.113.9"); !errors.Is(err, accounts.ErrNetwork) {
		t.Errorf("sign-in from elsewhere: %v", err)
	}
	if kept, err := p.store.Restriction(t.Context(), actor); err != nil || !kept.Bound || len(kept.Networks) != 1 {
		t.Errorf("kept %+v (%v)", kept, err)
	}
}
