package recovery_test

import (
	"errors"
	"net/http"
	"net/url"
	"testing"

	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/recovery"
)

const chosen = "Рябина-2031-тропа"

func TestForgottenPasswordIsChosenAnewByCode(t *testing.T) {
	t.Parallel()
	p := site(t)
	owner, email := p.owner()
	guest := p.begun("/recovery", email)
	if !says(guest.Get("/recovery/step"), "Код подтверждения") {
		t.Fatal("no code is asked for")
	}
	if page := p.takes(guest, code(p.Code(email))); !says(page, "Выберите новый пароль") {
		t.Fatalf("after the code: %s", page.Find("main").Text())
	}
	if page := p.takes(guest, password("коротко")); page.Status != http.StatusUnprocessableEntity {
		t.Errorf("a weak password: %d", page.Status)
	}
	if page := p.takes(guest, password(chosen)); !says(page, "Пароль изменён") {
		t.Fatalf("after the password: %s", page.Find("main").Text())
	}
	match, err := p.Accounts.CheckPassword(t.Context(), owner.Account, accounts.NewPassword(chosen))
	if err != nil || !match {
		t.Errorf("the new password does not fit (%v)", err)
	}
	if open := value[int](p, `SELECT count(*) FROM sessions WHERE account_id = $1 AND ended_at IS NULL`, owner.Account); open != 0 {
		t.Errorf("%d sessions go on", open)
	}
	if why := value[string](p, `SELECT max(end_reason) FROM sessions WHERE account_id = $1`, owner.Account); why != "password" {
		t.Errorf("they ended because of %q", why)
	}
	if notes := value[int](p, `SELECT count(*) FROM account_events WHERE account_id = $1 AND kind = 'password_changed'`, owner.Account); notes != 1 {
		t.Errorf("%d lines in the journal", notes)
	}
	// Once is enough: the attempt is over.
	if page := p.takes(guest, password("Другая-Рябина-77")); !says(page, "Пароль изменён") {
		t.Error("the attempt goes on")
	}
	if match, _ = p.Accounts.CheckPassword(t.Context(), owner.Account, accounts.NewPassword("Другая-Рябина-77")); match {
		t.Error("the password was changed twice")
	}
}

// Nobody learns from any page, nor from what is written down, whether a login is known.
func TestUnknownLoginsLookTheSameAtEveryStep(t *testing.T) {
	t.Parallel()
	p := site(t)
	_, email := p.owner()
	const nobody, noPhone = "nobody@test.test", "+79440000999"
	for _, path := range []string{"/recovery", "/unlock"} {
		for known, unknown := range map[string]string{email: nobody, phone: noPhone} {
			one, other := p.begun(path, known), p.begun(path, unknown)
			steps := map[string]url.Values{
				"wrong code": code("000000"), "resend": {"do": {"resend"}}, "switch": {"do": {"switch"}},
				"password": password(chosen), "answers": {"question_1_answer": {"Жучка"}},
			}
			for name, form := range steps {
				one.Get("/recovery/step")
				other.Get("/recovery/step")
				a, b := one.Post("/recovery/step", clone(form)), other.Post("/recovery/step", clone(form))
				if a.Status != b.Status || a.Find("main").Find("h1,h2,.field-error,.error-summary,label").Text() != b.Find("main").Find("h1,h2,.field-error,.error-summary,label").Text() {
					t.Errorf("%s, %s: %d for a known login and %d for an unknown", path, name, a.Status, b.Status)
				}
			}
		}
	}
	for _, count := range []string{
		`SELECT count(*) FILTER (WHERE account_id IS NULL) - count(*) FILTER (WHERE account_id IS NOT NULL) FROM recoveries`,
		`SELECT count(*) FILTER (WHERE account_id IS NULL) - count(*) FILTER (WHERE account_id IS NOT NULL) FROM codes`,
	} {
		if differ := value[int](p, count); differ != 0 {
			t.Errorf("%s: %d rows more for one kind", count, differ)
		}
	}
	if sent := value[int](p, `SELECT count(*) FROM codes WHERE account_id IS NULL AND address <> ''`); sent != 0 {
		t.Errorf("%d codes go to strangers", sent)
	}
}

func clone(form url.Values) url.Values {
	made := url.Values{}
	for name, values := range form {
		made[name] = values
	}
	return made
}

func TestCodesOfRecoveryAreNoGoodElsewhere(t *testing.T) {
	t.Parallel()
	p := site(t)
	owner, email := p.owner()
	first := p.begun("/recovery", email)
	old := p.Code(email)
	second := p.begun("/recovery", email)
	if page := p.takes(second, code(old)); says(page, "Выберите новый пароль") {
		t.Error("the code of another browser is good")
	}
	fresh := p.Code(email)
	p.exec(`UPDATE codes SET expires_at = now() - interval '1 second'`)
	if page := p.takes(second, code(fresh)); !says(page, "Код подтверждения просрочен") {
		t.Errorf("an expired code: %s", page.Find(".field-error").Text())
	}
	p.exec(`UPDATE codes SET expires_at = now() + interval '5 minutes'`)
	if page := p.takes(first, code(old)); !says(page, "Выберите новый пароль") {
		t.Fatal("the right code is refused")
	}
	// A step cannot be skipped, and a stranger without the token sees nothing.
	stranger := p.Guest()
	stranger.Get("/recovery")
	if answer := stranger.Post("/recovery/step", password(chosen)); answer.Header.Get("Location") != "/recovery" {
		t.Errorf("without the token: %d", answer.Status)
	}
	third := p.begun("/recovery", email)
	p.takes(third, password(chosen))
	if match, _ := p.Accounts.CheckPassword(t.Context(), owner.Account, accounts.NewPassword(chosen)); match {
		t.Error("a password was set without a code")
	}
	for range 6 {
		p.takes(third, code("000000"))
	}
	if page := p.takes(third, code(p.Code(email))); says(page, "Выберите новый пароль") {
		t.Error("a code that was guessed at too often is good")
	}
}

// Questions are asked in addition to a code to the other contact, never alone (REC-02).
func TestQuestionsAloneOpenNothing(t *testing.T) {
	t.Parallel()
	p := site(t)
	owner, email := p.owner()
	if err := p.store.Set(t.Context(), owner, []recovery.Answer{
		{Question: "first_pet", Text: recovery.Fold(typed[0])},
		{Question: "first_teacher", Text: recovery.Fold(typed[1])},
		{Question: "first_trip", Text: recovery.Fold(typed[2])},
	}); err != nil {
		t.Fatal(err)
	}
	right := url.Values{"question_1_answer": {typed[0]}, "question_2_answer": {typed[1]}, "question_3_answer": {typed[2]}}
	wrong := url.Values{"question_1_answer": {typed[0]}, "question_2_answer": {typed[1]}, "question_3_answer": {"нет"}}
	guest := p.begun("/recovery", phone)
	if page := p.takes(guest, clone(right)); says(page, "Выберите новый пароль") {
		t.Fatal("answers are good without a code")
	}
	p.takes(guest, url.Values{"do": {"switch"}})
	if page := p.takes(guest, code(p.Code(email))); !says(page, "ответьте на контрольные вопросы") {
		t.Fatalf("after the code to the other contact: %s", page.Find("main").Text())
	}
	if page := p.takes(guest, clone(wrong)); says(page, "Выберите новый пароль") || !says(page, "Ответы не подошли") {
		t.Error("two of three answers are enough, or nothing is said")
	}
	for range 6 {
		p.takes(guest, clone(wrong))
	}
	if page := p.takes(guest, clone(right)); says(page, "Выберите новый пароль") {
		t.Error("answers can be tried without end")
	}
	p.exec(`DELETE FROM control_question_rounds`)
	if page := p.takes(guest, clone(right)); !says(page, "Выберите новый пароль") {
		t.Error("the right answers are refused")
	}
}

func TestUnlockOpensSignInByCodeAndLiftsNoLock(t *testing.T) {
	t.Parallel()
	p := site(t)
	owner, email := p.owner()
	wrong := accounts.Credentials{Login: accounts.Login{Kind: accounts.ByEmail, Value: email}, Password: "x"}
	var err error
	for range accounts.MaxFailures {
		_, err = p.Accounts.SignIn(t.Context(), access.Guest(), wrong, accounts.Place{})
	}
	if !errors.Is(err, accounts.ErrClosed) {
		t.Fatalf("sign-in is not closed: %v", err)
	}
	guest := p.begun("/unlock", email)
	if page := p.takes(guest, code(p.Code(email))); !says(page, "Ограничение снято") {
		t.Fatalf("after the code: %s", page.Find("main").Text())
	}
	if _, err = p.Accounts.SignIn(t.Context(), access.Guest(), wrong, accounts.Place{}); !errors.Is(err, accounts.ErrWrongCredentials) {
		t.Errorf("sign-in is still closed: %v", err)
	}
	p.exec(`UPDATE accounts SET lock = 'suspicious' WHERE id = $1`, owner.Account)
	again := p.begun("/unlock", email)
	if page := p.takes(again, code(p.Code(email))); !says(page, "Покажите документ") {
		t.Errorf("a code alone lifts the lock: %s", page.Find("main").Text())
	}
	if lock := value[string](p, `SELECT lock FROM accounts WHERE id = $1`, owner.Account); lock != "suspicious" {
		t.Errorf("the lock is %q", lock)
	}
	p.exec(`UPDATE accounts SET lock = 'blocked' WHERE id = $1`, owner.Account)
	blocked := p.begun("/recovery", email)
	if page := p.takes(blocked, code(p.Code(email))); says(page, "Выберите новый пароль") {
		t.Error("a blocked person chooses a password")
	}
}
