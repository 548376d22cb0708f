package recovery_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/recovery"
	"veche/handlers/webtest"
)

// asked is a request to the desk about an account, by somebody who knows its name.
func (p *portal) asked(login, contact string) recovery.RequestID {
	p.t.Helper()
	guest := p.Guest()
	guest.Get("/recovery/request")
	answer := guest.Post("/recovery/request", url.Values{
		"name": {"Тест Тестович Тестов"}, "inn": {"500100732259"}, "contact": {contact}, "login": {login}, "text": {"Потерян телефон"},
	})
	if answer.Status != http.StatusOK || !says(answer, "принято") {
		p.t.Fatalf("the request: %d %s", answer.Status, answer.Find("main").Text())
	}
	return value[recovery.RequestID](p, `SELECT max(id) FROM recovery_requests`)
}

func sheetOf(id recovery.RequestID) string { return fmt.Sprintf("/support/recovery/%d", id) }

func TestRequestsTellNothingOfAccounts(t *testing.T) {
	t.Parallel()
	p := site(t)
	_, email := p.owner()
	known, unknown := p.asked(email, "+79440000777"), p.asked("nobody@test.test", "+79440000777")
	if value[int](p, `SELECT count(*) FROM recovery_requests WHERE id = ANY($1) AND due_at <= now() + interval '30 minutes'`, []int64{int64(known), int64(unknown)}) != 2 {
		t.Error("a request is not urgent")
	}
	guest := p.Guest()
	guest.Get("/recovery/request")
	if answer := guest.Post("/recovery/request", url.Values{"contact": {"x"}}); answer.Status != http.StatusUnprocessableEntity {
		t.Errorf("an empty request: %d", answer.Status)
	}
}

// An operator alone takes over nobody's account (REC-06).
func TestAccessIsGivenBackAfterChecksOnly(t *testing.T) {
	t.Parallel()
	p := site(t)
	owner, email := p.owner()
	support := accounts.Grant{Role: accounts.RoleSupport}
	elena, _ := p.Person(support)
	fedor, _ := p.Person(support)
	id := p.asked(email, phone)
	page := elena.Get(sheetOf(id))
	if strings.Contains(page.Find("#checks").Parent().Text(), email) {
		t.Error("the desk is shown the whole address")
	}
	seen := value[int](p, `SELECT count(*) FROM audit_entries WHERE action = 'recovery.handle' AND object = $1`, fmt.Sprintf("recovery-request:%d", id))
	if seen == 0 {
		t.Error("reading left no entry in the audit")
	}
	if answer := elena.Post(sheetOf(id)+"/issue", url.Values{}); answer.Status != http.StatusConflict {
		t.Fatalf("one operator alone: %d", answer.Status)
	}
	elena.Post(sheetOf(id)+"/second", url.Values{})
	if answer := elena.Post(sheetOf(id)+"/issue", url.Values{}); answer.Status != http.StatusConflict {
		t.Fatalf("one operator twice: %d", answer.Status)
	}
	fedor.Get(sheetOf(id))
	issued := fedor.Post(sheetOf(id)+"/issue", url.Values{})
	secret := strings.TrimSpace(issued.Find("#temporary-password").Text())
	if issued.Status != http.StatusOK || secret == "" {
		t.Fatalf("two operators: %d %s", issued.Status, issued.Find("main").Text())
	}
	if again := fedor.Get(sheetOf(id)); strings.Contains(again.Body, secret) {
		t.Error("the password is shown again")
	}
	if answer := elena.Post(sheetOf(id)+"/issue", url.Values{}); answer.Status != http.StatusConflict {
		t.Errorf("a second password: %d", answer.Status)
	}
	if open := value[int](p, `SELECT count(*) FROM sessions WHERE account_id = $1 AND ended_at IS NULL`, owner.Account); open != 0 {
		t.Errorf("%d sessions go on", open)
	}
	offered := accounts.Credentials{Login: accounts.Login{Kind: accounts.ByEmail, Value: email}, Password: accounts.NewPassword(secret)}
	if entry, err := p.Accounts.SignIn(t.Context(), access.Guest(), offered, accounts.Place{}); err != nil || entry.Pending == "" {
		t.Errorf("the temporary password does not lead to the second proof: %+v %v", entry, err)
	}
	p.exec(`UPDATE accounts SET password_until = now() - interval '1 second' WHERE id = $1`, owner.Account)
	if _, err := p.Accounts.SignIn(t.Context(), access.Guest(), offered, accounts.Place{}); err != accounts.ErrTemporaryOver {
		t.Errorf("after its end: %v", err)
	}
}

func TestForeignNameIsRefusedAtTheDesk(t *testing.T) {
	t.Parallel()
	p := site(t)
	owner, email := p.owner()
	p.exec(`UPDATE accounts SET name = 'Другой Человек' WHERE id = $1`, owner.Account)
	support := accounts.Grant{Role: accounts.RoleSupport}
	elena, _ := p.Person(support)
	fedor, _ := p.Person(support)
	id := p.asked(email, phone)
	elena.Get(sheetOf(id))
	elena.Post(sheetOf(id)+"/second", url.Values{})
	fedor.Get(sheetOf(id))
	if answer := fedor.Post(sheetOf(id)+"/issue", url.Values{}); answer.Status != http.StatusConflict || !says(answer, "Данные не совпали") {
		t.Errorf("a foreign name: %d", answer.Status)
	}
	refused := fedor.Post(sheetOf(id)+"/refuse", url.Values{"reason": {"Данные не подтвердились"}})
	if refused.Status != http.StatusOK || !says(refused, "Отказано") {
		t.Errorf("the refusal: %d", refused.Status)
	}
	citizen, _ := p.Person()
	if answer := citizen.Get(sheetOf(id)); answer.Status != http.StatusForbidden {
		t.Errorf("a citizen at the desk: %d", answer.Status)
	}
}

func TestAdministratorBlocksAtOnce(t *testing.T) {
	t.Parallel()
	p := site(t)
	owner, email := p.owner()
	admin, _ := p.Person(accounts.Grant{Role: accounts.RoleAdmin})
	admin.Get("/support/block")
	if answer := admin.Post("/support/block", url.Values{"login": {email}, "reason": {"Взлом"}}); !says(answer, "заблокирована") {
		t.Fatalf("%d %s", answer.Status, answer.Find("main").Text())
	}
	if open := value[int](p, `SELECT count(*) FROM sessions WHERE account_id = $1 AND ended_at IS NULL`, owner.Account); open != 0 {
		t.Errorf("%d sessions go on", open)
	}
	if lock := value[string](p, `SELECT lock FROM accounts WHERE id = $1`, owner.Account); lock != "blocked" {
		t.Errorf("the lock is %q", lock)
	}
	admin.Post("/support/block", url.Values{"login": {email}, "reason": {"Разобрались"}, "do": {"unblock"}})
	if lock := value[string](p, `SELECT lock FROM accounts WHERE id = $1`, owner.Account); lock != "" {
		t.Errorf("the lock is %q after all", lock)
	}
	elena, _ := p.Person(accounts.Grant{Role: accounts.RoleSupport})
	if answer := elena.Get("/support/block"); answer.Status != http.StatusForbidden {
		t.Errorf("an operator blocks: %d", answer.Status)
	}
}

// uploads sends a paper with a copy.
func (p *portal) uploads(guest *webtest.Browser, content []byte) *webtest.Answer {
	p.t.Helper()
	guest.Get("/recovery/step")
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, text := range map[string]string{"csrf": p.CSRFOf(guest, "/recovery/step"), "kind": "passport", "series": "44 98", "number": "123456"} {
		if err := form.WriteField(name, text); err != nil {
			p.t.Fatal(err)
		}
	}
	file, err := form.CreateFormFile(recovery.EvidenceField, "passport.pdf")
	if err != nil {
		p.t.Fatal(err)
	}
	_, _ = file.Write(content)
	_ = form.Close()
	return guest.Send("/recovery/paper", form.FormDataContentType(), &body)
}

func TestPaperIsTakenSealedAndGoesOn(t *testing.T) {
	t.Parallel()
	p := site(t)
	owner, email := p.owner()
	p.exec(`UPDATE accounts SET lock = 'suspicious' WHERE id = $1`, owner.Account)
	guest := p.begun("/unlock", email)
	if early := p.uploads(guest, pdf(1000)); early.Header.Get("Location") != "/recovery/step" || value[int](p, `SELECT count(*) FROM recovery_evidence`) != 0 {
		t.Errorf("a paper before the code: %d", early.Status)
	}
	p.takes(guest, code(p.Code(email)))
	for name, content := range map[string][]byte{
		"no file of a type": []byte("<html>"), "broken": []byte("%PDF-1.7 half"), "too large": pdf(recovery.MaxEvidence + 1),
	} {
		if answer := p.uploads(guest, content); answer.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, answer.Status)
		}
	}
	if answer := p.uploads(guest, pdf(1<<20)); answer.Status != http.StatusSeeOther {
		t.Fatalf("a good copy: %d %s", answer.Status, answer.Find(".error-summary").Text())
	}
	if page := guest.Get("/recovery/step"); !says(page, "Документ проверяется") || page.Find("[data-live][data-pass]").Length() == 0 {
		t.Error("the page does not follow the decision")
	}
	if large := guest.Post("/unlock", url.Values{"login": {strings.Repeat("x", 300<<10)}}); large.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("another form of 300 KB: %d", large.Status)
	}
}

func pdf(size int) []byte {
	content := bytes.Repeat([]byte(" "), size)
	copy(content, "%PDF-1.7\n")
	copy(content[size-6:], "%%EOF\n")
	return content
}
