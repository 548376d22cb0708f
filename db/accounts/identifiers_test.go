package accounts_test

import (
	"errors"
	"testing"

	"veche/domain/access"
	"veche/domain/accounts"
)

func TestStateNumbersAreLogins(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	anna := p.person("anna")
	p.person("boris")
	p.exec(`UPDATE accounts SET snils = '11223344595', inn = '500100732259' WHERE id = $1`, anna.ID)
	for _, login := range []string{"112-233-445 95", "11223344595", "5001 0073 2259"} {
		entry, err := p.store.SignIn(t.Context(), access.Guest(), offer(t, login, secret), accounts.Place{})
		if err != nil {
			t.Errorf("%s: %v", login, err)
			continue
		}
		if actor := p.actor(entry.Token); actor.Account != anna.ID {
			t.Errorf("%s leads to account %d, not %d", login, actor.Account, anna.ID)
		}
	}
	for login, password := range map[string]string{
		"087-654-303 00": secret, // right, and nobody's
		"112-233-445 95": "another",
		"500100732259":   "another",
	} {
		_, err := p.store.SignIn(t.Context(), access.Guest(), offer(t, login, password), accounts.Place{})
		if !errors.Is(err, accounts.ErrWrongCredentials) {
			t.Errorf("%s: %v", login, err)
		}
	}
}
