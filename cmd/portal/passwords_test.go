package main

import (
	"testing"

	"veche/domain/accounts"
	"veche/static"
)

func TestPolicyKnowsTheLeakedPasswords(t *testing.T) {
	t.Parallel()
	if err := static.Check(); err != nil {
		t.Fatal(err)
	}
	policy := accounts.NewPasswordPolicy(static.LeakedPassword)
	for _, leaked := range []string{"Password1!", "Qwerty123!", "P@ssw0rd-2026", "$Unshine1!", "Йцукен123!", "Dragon.1988", "1Qaz2wsx!", "Trustno1!"} {
		if policy.Check(accounts.NewPassword(leaked), accounts.PasswordOwner{}) == nil {
			t.Errorf("%s passes", leaked)
		}
	}
	for _, good := range []string{"Жёлтый-трамвай-7", "correct Horse 9 battery!", "kX7!mquz-R2", "Рельсы_и_Снег4"} {
		if err := policy.Check(accounts.NewPassword(good), accounts.PasswordOwner{}); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
}
