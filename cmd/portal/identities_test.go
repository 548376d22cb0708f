package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"veche/cmd/sim/oidc"
	"veche/cmd/sim/site"
	"veche/db/given"
	"veche/domain/access"
	"veche/domain/accounts"
)

// vouchers run the identity providers of the simulated world for a portal at an address,
// and answer where they stand. The portal is the client "portal"; "other" is somebody
// else's. Their word of sign-outs goes to ears, when there are any.
func vouchers(t *testing.T, portal string, ears ...string) string {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	address := "http://" + server.Listener.Addr().String()
	clients := map[string][]oidc.Client{}
	for _, issuer := range oidc.Issuers() {
		mine := oidc.Portal(portal, issuer, "portal", "secret of "+issuer)
		if len(ears) > 0 {
			mine.BackChannel = ears[0] + "/identities/" + issuer + "/logout"
		}
		clients[issuer] = []oidc.Client{
			mine,
			oidc.Portal(portal, issuer, "other", "secret of another"),
		}
	}
	log := slog.New(slog.DiscardHandler)
	card := oidc.New(oidc.Config{Clients: clients, Pauses: []time.Duration{50 * time.Millisecond}}, address, time.Now, log).Card()
	frame, err := site.New(time.UTC, log, card)
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = frame
	server.Start()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- card.Run(ctx) }()
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		stop()
		<-ended
	})
	return address
}

// vouched is what a portal is told of the providers that stand somewhere.
func vouched(t *testing.T, sim, public string) []string {
	t.Helper()
	var rows strings.Builder
	for _, one := range []struct{ key, trust, acr string }{
		{"esia", "state", `["urn:veche:loa:substantial", "urn:veche:loa:high"]`},
		{"bank", "bank", `["urn:veche:loa:substantial"]`},
		{"social", "social", `[]`},
	} {
		fmt.Fprintf(&rows, `
[[provider]]
key = %[1]q
name = { ru = "Служба %[1]s", en = "Service %[1]s" }
issuer = "%[4]s/oidc/%[1]s"
client_id = "portal"
client_secret = "secret of %[1]s"
scopes = ["profile", "email", "phone", "documents"]
trust = %[2]q
acr = %[3]s
icon = "landmark"
`, one.key, one.trust, one.acr, sim)
	}
	file := filepath.Join(t.TempDir(), "providers.toml")
	if err := os.WriteFile(file, []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"VECHE_PROVIDERS_FILE", file, "VECHE_PUBLIC_URL", public}
}

// vouchedPortal is a portal with the providers beside it.
func vouchedPortal(t *testing.T) (portal *program, sim string) {
	t.Helper()
	port := freePort(t)
	public := "http://127.0.0.1:" + port
	sim = vouchers(t, public)
	return start(t, append(vouched(t, sim, public), "PORT", port)...), sim
}

// walker is a browser without scripts that stops at every redirect.
type walker struct {
	t    *testing.T
	site *program
	http *http.Client
}

func newWalker(t *testing.T, site *program, token accounts.Token) *walker {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &walker{t, site, &http.Client{Jar: jar, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if token != "" {
		address, _ := url.Parse(site.URL)
		jar.SetCookies(address, []*http.Cookie{{Name: "session", Value: string(token), Path: "/"}})
	}
	return w
}

type walked struct {
	status int
	to     string
	page   *goquery.Document
}

func (w walked) main() string { return strings.Join(strings.Fields(w.page.Find("main").Text()), " ") }

func (w *walker) do(method, address string, form url.Values) walked {
	w.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = w.site.URL + address
	}
	request, err := http.NewRequestWithContext(w.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Accept-Language", "ru")
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := w.http.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	page, err := goquery.NewDocumentFromReader(strings.NewReader(string(text)))
	if err != nil {
		w.t.Fatal(err)
	}
	return walked{response.StatusCode, response.Header.Get("Location"), page}
}

func (w *walker) get(address string) walked { w.t.Helper(); return w.do(http.MethodGet, address, nil) }

// post sends a form with the token of the page it stands on.
func (w *walker) post(on, path string, form url.Values) walked {
	w.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	form.Set("csrf", w.get(on).page.Find(`input[name="csrf"]`).AttrOr("value", ""))
	return w.do(http.MethodPost, path, form)
}

// goes begins at the portal and answers where the provider would send the browser back.
func (w *walker) goes(provider, person, method string) string {
	w.t.Helper()
	begun := w.get("/identities/" + provider + "/start?next=%2Fpolls")
	if begun.status != http.StatusSeeOther {
		w.t.Fatalf("the way to %s begins with %d: %s", provider, begun.status, begun.main())
	}
	return w.decides(begun.to, person, method)
}

func (w *walker) decides(address, person, method string) string {
	w.t.Helper()
	decided := w.do(http.MethodPost, address, url.Values{"decision": {"enter"}, "person": {person}, "method": {method}})
	if decided.status != http.StatusSeeOther {
		w.t.Fatalf("the provider answers %d", decided.status)
	}
	return decided.to
}

// known says who the portal takes the browser for, "" for a guest.
func (w *walker) known() string {
	w.t.Helper()
	profile := w.get("/profile")
	if profile.status != http.StatusOK {
		return ""
	}
	return strings.TrimSpace(profile.page.Find("dl.facts dd").First().Text())
}

func count(t *testing.T, site *program, query string, args ...any) (n int) {
	t.Helper()
	if err := site.DB.Pool().QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// tied binds a person of a provider to an account, as if they had done it.
func tied(t *testing.T, site *program, sim string, who access.Actor, provider, person string) {
	t.Helper()
	token := given.Session(t, site.DB, who)
	w := newWalker(t, site, token)
	going := w.post("/settings/identities", "/settings/identities/"+provider+"/bind", nil)
	address := going.page.Find("#go").AttrOr("href", "")
	if going.status != http.StatusOK || !strings.HasPrefix(address, sim) {
		t.Fatalf("binding begins with %d, to %q: %s", going.status, address, going.main())
	}
	if back := w.get(w.decides(address, person, "otp")); back.to != "/settings/identities?done=bound" {
		t.Fatalf("binding ended with %d to %q: %s", back.status, back.to, back.main())
	}
}

// Who was never here comes by the state's sign-in and has an account, with everything
// the state knows, and nothing typed (ID-09, ID-11).
func TestStateSignInOpensAConfirmedAccount(t *testing.T) {
	t.Parallel()
	site, _ := vouchedPortal(t)
	w := newWalker(t, site, "")
	if links := w.get("/sign-in?next=%2Fpolls").page.Find(`a[href="/identities/esia/start?next=%2Fpolls"]`); !strings.Contains(links.Text(), "Войти через Служба esia") {
		t.Errorf("the sign-in page offers %q", links.Text())
	}
	if back := w.get(w.goes("esia", "nina", "face")); back.to != "/polls" {
		t.Fatalf("back with %d to %q: %s", back.status, back.to, back.main())
	}
	if who := w.known(); who != "Нина Петровна Астахова" {
		t.Errorf("the portal knows %q", who)
	}
	nina := oidc.People()[8]
	if n := count(t, site, `
		SELECT count(*) FROM accounts
		WHERE email = $1 AND phone = $2 AND snils = $3 AND inn = $4 AND birth_date = $5 AND confirmed
			AND email_confirmed_at IS NOT NULL AND phone_confirmed_at IS NOT NULL AND password_hash = ''`,
		nina.Email, nina.Phone, nina.SNILS, nina.INN, nina.Birthdate); n != 1 {
		t.Error("the account has not what the state told")
	}
	if n := count(t, site, `SELECT count(*) FROM sessions WHERE means = '{provider}' AND proved_at IS NOT NULL AND provider_sid <> ''`); n != 1 {
		t.Error("the session does not say that it was opened with a face")
	}
	// Again, and there is still one account (ID-16). A name that changed is renewed.
	if _, err := site.DB.Pool().Exec(t.Context(), `UPDATE accounts SET name = 'Нина Петровна Иванова'`); err != nil {
		t.Fatal(err)
	}
	again := newWalker(t, site, "")
	again.get(again.goes("esia", "nina", "otp"))
	if who := again.known(); who != "Нина Петровна Астахова" {
		t.Errorf("after the second sign-in the portal knows %q", who)
	}
	if n := count(t, site, `SELECT count(*) FROM accounts`); n != 1 {
		t.Errorf("%d accounts", n)
	}
	if n := count(t, site, `SELECT count(*) FROM account_events WHERE kind = 'identity_changed' AND facts->>'event' = 'identities.refreshed'`); n != 1 {
		t.Errorf("%d lines of the journal tell of the new name", n)
	}
	// The only way in cannot be unbound, for nothing would be left.
	if _, err := site.DB.Pool().Exec(t.Context(), `UPDATE accounts SET phone_sign_in = false`); err != nil {
		t.Fatal(err)
	}
	remove := again.get("/settings/identities").page.Find(`form[action$="/remove"]`).AttrOr("action", "")
	if refused := again.post("/settings/identities", remove, nil); refused.status != http.StatusConflict || !strings.Contains(refused.main(), "единственный способ") {
		t.Errorf("the last way: %d %s", refused.status, refused.main())
	}
}

// An account is found by the number of social insurance, never by an e-mail: whoever
// has the same mailbox signs in first and binds then.
func TestSameMailboxIsNotTheSamePerson(t *testing.T) {
	t.Parallel()
	site, _ := vouchedPortal(t)
	nina, _ := given.Person(t, site.DB)
	exec := func(statement string, args ...any) {
		t.Helper()
		if _, err := site.DB.Pool().Exec(t.Context(), statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`UPDATE accounts SET email = 'nina@demo.test', name = 'Кто-то Другой' WHERE id = $1`, nina.Account)
	w := newWalker(t, site, "")
	if back := w.get(w.goes("esia", "nina", "otp")); back.to != "/identities/offer" {
		t.Fatalf("back with %d to %q", back.status, back.to)
	}
	first := w.get("/identities/offer")
	if w.known() != "" || !strings.Contains(first.main(), "уже есть в одной из учётных записей") || strings.Contains(first.main(), "Кто-то") {
		t.Errorf("known as %q, told %q", w.known(), first.main())
	}
	// Signed in as the owner of that account, one press binds it.
	address, _ := url.Parse(site.URL)
	w.http.Jar.SetCookies(address, []*http.Cookie{{Name: "session", Value: string(given.Session(t, site.DB, nina)), Path: "/"}})
	if taken := w.post("/identities/offer", "/identities/offer", nil); taken.to != "/settings/identities?done=bound" {
		t.Fatalf("the offer was answered with %d to %q: %s", taken.status, taken.to, taken.main())
	}
	again := newWalker(t, site, "")
	if back := again.get(again.goes("esia", "nina", "otp")); back.to != "/polls" || again.known() != "Нина Петровна Астахова" {
		t.Errorf("back to %q as %q", back.to, again.known())
	}
	// Another account with Boris's number is his, whatever its mailbox is.
	boris, _ := given.Person(t, site.DB)
	exec(`UPDATE accounts SET snils = $2 WHERE id = $1`, boris.Account, oidc.People()[1].SNILS)
	found := newWalker(t, site, "")
	found.get(found.goes("esia", "boris", "otp"))
	if n := count(t, site, `SELECT count(*) FROM identities WHERE account_id = $1`, boris.Account); n != 1 || found.known() != "Борис Ильич Громов" {
		t.Errorf("%d bound, known as %q", n, found.known())
	}
}

// A bank and a network let in those who bound them, and nobody else; a network's word
// is no second proof.
func TestBankAndNetworkLetInOnlyWhoBoundThem(t *testing.T) {
	t.Parallel()
	site, sim := vouchedPortal(t)
	who, _ := given.Person(t, site.DB)
	for _, provider := range []string{"bank", "social"} {
		w := newWalker(t, site, "")
		if back := w.get(w.goes(provider, "nina", "otp")); back.to != "/identities/offer" || w.known() != "" {
			t.Errorf("%s, not bound: to %q as %q", provider, back.to, w.known())
		}
		tied(t, site, sim, who, provider, "nina")
	}
	if n := count(t, site, `SELECT count(*) FROM accounts`); n != 1 {
		t.Errorf("%d accounts", n)
	}
	if n := count(t, site, `SELECT count(*) FROM accounts WHERE snils IS NULL AND birth_date IS NULL AND name = $1`, who.Name); n != 1 {
		t.Error("a bank or a network changed the account")
	}
	bank := newWalker(t, site, "")
	if back := bank.get(bank.goes("bank", "nina", "otp")); back.to != "/polls" || bank.known() != who.Name {
		t.Errorf("bank: to %q as %q", back.to, bank.known())
	}
	social := newWalker(t, site, "")
	if back := social.get(social.goes("social", "nina", "otp")); back.to != "/sign-in/code?next=%2Fpolls" || social.known() != "" {
		t.Errorf("network: to %q as %q", back.to, social.known())
	}
	// Somebody else cannot bind the same person, nor unbind what is not theirs.
	_, token := given.Person(t, site.DB)
	w := newWalker(t, site, token)
	going := w.post("/settings/identities", "/settings/identities/bank/bind", nil)
	if back := w.get(w.decides(going.page.Find("#go").AttrOr("href", ""), "nina", "otp")); back.status != http.StatusConflict {
		t.Errorf("bound twice: %d to %q", back.status, back.to)
	}
	var public string
	if err := site.DB.Pool().QueryRow(t.Context(), `SELECT public_id FROM identities WHERE provider = 'bank'`).Scan(&public); err != nil {
		t.Fatal(err)
	}
	if gone := w.post("/settings/identities", "/settings/identities/"+public+"/remove", nil); gone.status != http.StatusNotFound {
		t.Errorf("another's: %d", gone.status)
	}
	owner := newWalker(t, site, given.Session(t, site.DB, who))
	if gone := owner.post("/settings/identities", "/settings/identities/"+public+"/remove", nil); gone.to != "/settings/identities?done=removed" {
		t.Errorf("one's own: %d to %q", gone.status, gone.to)
	}
	if bank.known() != "" {
		t.Error("a session that was opened by the bank outlives the binding")
	}
}

// Whoever is locked out stays out, by every provider.
func TestLockedAccountIsNotOpenedByAProvider(t *testing.T) {
	t.Parallel()
	site, sim := vouchedPortal(t)
	who, _ := given.Person(t, site.DB)
	tied(t, site, sim, who, "bank", "nina")
	for lock, says := range map[string]string{"blocked": "заблокирована", "suspicious": "подозр"} {
		if _, err := site.DB.Pool().Exec(t.Context(), `UPDATE accounts SET lock = $1`, lock); err != nil {
			t.Fatal(err)
		}
		w := newWalker(t, site, "")
		back := w.get(w.goes("bank", "nina", "otp"))
		if back.status != http.StatusForbidden || w.known() != "" || !strings.Contains(strings.ToLower(back.main()), says) {
			t.Errorf("%s: %d as %q: %s", lock, back.status, w.known(), back.main())
		}
	}
}

// changed is an answer with one parameter set anew.
func changed(t *testing.T, back, name, value string) string {
	t.Helper()
	address, err := url.Parse(back)
	if err != nil {
		t.Fatal(err)
	}
	query := address.Query()
	query.Set(name, value)
	address.RawQuery = query.Encode()
	return address.String()
}

// Forged and replayed answers let nobody in.
func TestForgedAnswersLetNobodyIn(t *testing.T) {
	t.Parallel()
	site, sim := vouchedPortal(t)
	attacker := newWalker(t, site, "")
	for name, forge := range map[string]func(w *walker) string{
		"another state": func(w *walker) string {
			return changed(t, w.goes("esia", "nina", "otp"), "state", strings.Repeat("A", 43))
		},
		"no state": func(w *walker) string { return changed(t, w.goes("esia", "nina", "otp"), "state", "") },
		"the answer of another browser": func(w *walker) string {
			w.goes("esia", "nina", "otp")
			return attacker.goes("esia", "yuri", "otp")
		},
		"an answer where nobody went": func(*walker) string { return attacker.goes("esia", "yuri", "otp") },
		"the answer to another request": func(w *walker) string {
			code, _ := url.Parse(w.goes("esia", "nina", "otp"))
			return changed(t, w.goes("esia", "nina", "otp"), "code", code.Query().Get("code"))
		},
		"a code of another provider": func(w *walker) string {
			code, _ := url.Parse(w.goes("bank", "nina", "otp"))
			return changed(t, w.goes("esia", "nina", "otp"), "code", code.Query().Get("code"))
		},
		"another issuer": func(w *walker) string { return changed(t, w.goes("esia", "nina", "otp"), "iss", sim+"/oidc/bank") },
		"no issuer":      func(w *walker) string { return changed(t, w.goes("esia", "nina", "otp"), "iss", "") },
		"the answer at another provider's door": func(w *walker) string {
			return strings.Replace(w.goes("esia", "nina", "otp"), "/identities/esia/", "/identities/bank/", 1)
		},
		"a refusal": func(w *walker) string { return changed(t, w.goes("esia", "nina", "otp"), "error", "access_denied") },
		"a code of another client": func(w *walker) string {
			begun := w.get("/identities/esia/start")
			code, _ := url.Parse(w.decides(changed(t, begun.to, "client_id", "other"), "nina", "otp"))
			return changed(t, w.decides(begun.to, "nina", "otp"), "code", code.Query().Get("code"))
		},
		"a code that nobody gave": func(w *walker) string { return changed(t, w.goes("esia", "nina", "otp"), "code", "guessed") },
		"an answer that is too late": func(w *walker) string {
			back := w.goes("esia", "nina", "otp")
			if _, err := site.DB.Pool().Exec(t.Context(), `UPDATE identity_requests SET expires_at = now()`); err != nil {
				t.Fatal(err)
			}
			return back
		},
	} {
		w := newWalker(t, site, "")
		back := w.get(forge(w))
		if back.status < 400 || back.status >= 500 || w.known() != "" {
			t.Errorf("%s: %d to %q, known as %q", name, back.status, back.to, w.known())
		}
		if back.page.Find(`main a[href^="/identities/"], main a[href="/sign-in"]`).Length() != 2 {
			t.Errorf("%s: no way on is shown: %s", name, back.main())
		}
	}
	if n := count(t, site, `SELECT count(*) FROM sessions`); n != 0 {
		t.Errorf("%d sessions were opened", n)
	}
	// A good answer is good once.
	w := newWalker(t, site, "")
	back := w.goes("esia", "nina", "otp")
	if first := w.get(back); first.to != "/polls" {
		t.Fatalf("a good answer: %d to %q: %s", first.status, first.to, first.main())
	}
	if second := w.get(back); second.status != http.StatusConflict {
		t.Errorf("a second time: %d to %q", second.status, second.to)
	}
	if n := count(t, site, `SELECT count(*) FROM sessions`); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

// Nobody is made to bind what they did not ask for, and nobody is led elsewhere.
func TestBindingBeginsWithAFormOfThePortal(t *testing.T) {
	t.Parallel()
	site, sim := vouchedPortal(t)
	_, token := given.Person(t, site.DB)
	victim := newWalker(t, site, token)
	if linked := victim.get("/settings/identities/social/bind"); linked.to != "/settings/identities" {
		t.Errorf("a link: %d to %q", linked.status, linked.to)
	}
	if forged := victim.do(http.MethodPost, "/settings/identities/social/bind", url.Values{"csrf": {"forged"}}); forged.status != http.StatusForbidden {
		t.Errorf("a forged form: %d", forged.status)
	}
	// The answer to somebody else's binding binds nothing here.
	_, other := given.Person(t, site.DB)
	attacker := newWalker(t, site, other)
	going := attacker.post("/settings/identities", "/settings/identities/social/bind", nil)
	back := attacker.decides(going.page.Find("#go").AttrOr("href", ""), "nina", "otp")
	if led := victim.get(back); led.status != http.StatusConflict {
		t.Errorf("another's binding: %d to %q", led.status, led.to)
	}
	// Nor does it in the same browser, when somebody else is signed in by then.
	address, _ := url.Parse(site.URL)
	attacker.http.Jar.SetCookies(address, []*http.Cookie{{Name: "session", Value: string(token), Path: "/"}})
	if led := attacker.get(back); led.status != http.StatusConflict {
		t.Errorf("another person in the same browser: %d to %q", led.status, led.to)
	}
	if n := count(t, site, `SELECT count(*) FROM identities`); n != 0 {
		t.Errorf("%d bound", n)
	}
	for _, next := range []string{"https://evil.example/", "//evil.example/", `/\evil.example`, "/sign-in/code", "/sign-out"} {
		w := newWalker(t, site, "")
		begun := w.get("/identities/esia/start?next=" + url.QueryEscape(next))
		if !strings.HasPrefix(begun.to, sim+"/oidc/esia/authorize?") {
			t.Fatalf("%q begins at %q", next, begun.to)
		}
		if back := w.get(w.decides(begun.to, "nina", "otp")); back.to != "/" {
			t.Errorf("%q leads to %q", next, back.to)
		}
	}
}

// A provider that is away is said to be; unknown ones do not exist.
func TestProviderThatIsAway(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	site := start(t, append(vouched(t, "http://127.0.0.1:1", "http://127.0.0.1:"+port), "PORT", port)...)
	w := newWalker(t, site, "")
	if away := w.get("/identities/esia/start"); away.status != http.StatusBadGateway || !strings.Contains(away.main(), "сейчас не отвечает") {
		t.Errorf("%d: %s", away.status, away.main())
	}
	if away := w.do(http.MethodPost, "/identities/esia/logout", url.Values{"logout_token": {"a.b.c"}}); away.status != http.StatusServiceUnavailable {
		t.Errorf("its word: %d", away.status)
	}
	for _, path := range []string{"/identities/nobody/start", "/identities/nobody/callback?state=x", "/identities/nobody/left"} {
		if got := w.get(path); got.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	if got := w.do(http.MethodPost, "/identities/nobody/logout", url.Values{"logout_token": {"a.b.c"}}); got.status != http.StatusNotFound {
		t.Errorf("the word of nobody: %d", got.status)
	}
}
