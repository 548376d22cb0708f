package accounts_test

import (
	"errors"
	"testing"

	"veche/domain/access"
	"veche/domain/accounts"
)

// language is the language in which a person is written to.
func (p portal) language(id accounts.ID) (lang string) {
	p.t.Helper()
	if err := p.db.Pool().QueryRow(p.t.Context(), `SELECT lang FROM accounts WHERE id = $1`, id).Scan(&lang); err != nil {
		p.t.Fatal(err)
	}
	return lang
}

func TestPersonIsWrittenToInTheLanguageTheyChose(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna, boris := p.person("anna"), p.person("boris")
	_, actor := p.signIn("anna")
	if lang := p.language(anna.ID); lang != "ru" {
		t.Errorf("before any choice: %q", lang)
	}
	if err := p.store.Speaks(t.Context(), actor, "en"); err != nil {
		t.Fatal(err)
	}
	if err := p.store.Speaks(t.Context(), actor, "tlh"); err == nil {
		t.Error("a language the portal does not speak was taken")
	}
	if err := p.store.Speaks(t.Context(), access.Guest(), "en"); !errors.Is(err, access.ErrUnauthenticated) {
		t.Errorf("a guest: %v", err)
	}
	if of, others := p.language(anna.ID), p.language(boris.ID); of != "en" || others != "ru" {
		t.Errorf("Anna is written to in %q, Boris in %q", of, others)
	}
}

// Who signs in reads the pages in a language; where nobody knows which, what was
// chosen before stays.
func TestSigningInTellsTheLanguage(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person("anna")
	for _, c := range []struct{ lang, want string }{{"en", "en"}, {"", "en"}, {"ru", "ru"}} {
		_, err := p.store.SignIn(t.Context(), access.Guest(), offer(t, "anna@demo.test", secret), accounts.Place{Lang: c.lang})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.language(anna.ID); got != c.want {
			t.Errorf("signed in with %q: %q", c.lang, got)
		}
	}
	_, err := p.store.SignIn(t.Context(), access.Guest(), offer(t, "anna@demo.test", "wrong"), accounts.Place{Lang: "en"})
	if got := p.language(anna.ID); err == nil || got != "ru" {
		t.Errorf("a stranger without the password changed it to %q", got)
	}
}
