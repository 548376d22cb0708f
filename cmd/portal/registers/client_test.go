package registers_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"veche/cmd/portal/registers"
	sim "veche/cmd/sim/registers"
)

// register is a simulated register whose clock a test turns.
type register struct {
	address string
	dir     string
	turned  atomic.Int64
}

const delay = time.Minute

func (r *register) wait(d time.Duration) { r.turned.Add(int64(d)) }

func start(t *testing.T) *register {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &register{dir: t.TempDir()}
	began := time.Now()
	now := func() time.Time { return began.Add(time.Duration(r.turned.Load())) }
	made, err := sim.New(sim.Config{Dir: r.dir, Delay: delay}, listener, now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	r.address = made.Address()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- made.Card().Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the register ended with %v", err)
		}
	})
	return r
}

func (r *register) options() registers.Options {
	return registers.Options{
		URL:      r.address,
		CAFile:   filepath.Join(r.dir, sim.AuthorityFile),
		CertFile: filepath.Join(r.dir, sim.CertificateFile),
		KeyFile:  filepath.Join(r.dir, sim.KeyFile),
	}
}

func client(t *testing.T, o registers.Options) *registers.Client {
	t.Helper()
	c, err := registers.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// annas is a question about the passport of the demo's first person.
func annas(id string) registers.Request {
	h := sim.Holders()[0]
	return registers.Request{
		ID: id, Surname: h.Surname, Name: h.Name, Patronymic: h.Patronymic,
		Series: h.Series, Number: h.Number, Copy: sha256.Sum256([]byte("copy")),
	}
}

func TestAnswerComesAfterAWhile(t *testing.T) {
	t.Parallel()
	r := start(t)
	c := client(t, r.options())
	asked, err := c.Check(t.Context(), annas("one"))
	if err != nil || asked.Status != registers.Pending || asked.Final() {
		t.Fatalf("%+v (%v)", asked, err)
	}
	r.wait(delay - time.Second)
	if early, err := c.Result(t.Context(), asked.ID); err != nil || early != asked {
		t.Errorf("too early: %+v (%v)", early, err)
	}
	r.wait(time.Second)
	want := registers.Check{ID: asked.ID, Status: registers.Match}
	if got, err := c.Result(t.Context(), asked.ID); err != nil || got != want || !got.Final() {
		t.Errorf("%+v (%v)", got, err)
	}
	if again, err := c.Check(t.Context(), annas("one")); err != nil || again != want {
		t.Errorf("asked again: %+v (%v)", again, err)
	}
}

func TestPaperThatIsNotThePersonsDoesNotMatch(t *testing.T) {
	t.Parallel()
	r := start(t)
	c := client(t, r.options())
	born, err := time.Parse(time.DateOnly, sim.Holders()[0].Birthdate)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		change func(*registers.Request)
		status registers.Status
		reason registers.Reason
	}{
		"own":               {func(*registers.Request) {}, registers.Match, ""},
		"own-in-capitals":   {func(q *registers.Request) { q.Surname = strings.ToUpper(q.Surname) }, registers.Match, ""},
		"own-with-day":      {func(q *registers.Request) { q.Birthdate = born }, registers.Match, ""},
		"other-day":         {func(q *registers.Request) { q.Birthdate = born.AddDate(0, 0, 1) }, registers.Mismatch, registers.OtherBirthdate},
		"other-name":        {func(q *registers.Request) { q.Name = "Алла" }, registers.Mismatch, registers.OtherName},
		"no-patronymic":     {func(q *registers.Request) { q.Patronymic = "" }, registers.Mismatch, registers.OtherName},
		"never-issued":      {func(q *registers.Request) { q.Number = "999999" }, registers.Mismatch, registers.Unknown},
		"lost":              {func(q *registers.Request) { q.Series, q.Number = "4499", "000001" }, registers.Mismatch, registers.Invalid},
		"anyones":           {func(q *registers.Request) { q.Series, q.Number = "4498", "777777" }, registers.Match, ""},
		"never-answered":    {func(q *registers.Request) { q.Series, q.Number = "4499", "000004" }, registers.Pending, ""},
		"answered-later":    {func(q *registers.Request) { q.Series, q.Number = "4499", "000003" }, registers.Pending, ""},
		"somebody-elses-id": {func(q *registers.Request) { q.Number = "000002" }, registers.Mismatch, registers.OtherName},
	} {
		asked := annas(name)
		want.change(&asked)
		begun, err := c.Check(t.Context(), asked)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		r.wait(delay)
		if got, err := c.Result(t.Context(), begun.ID); err != nil || got.Status != want.status || got.Reason != want.reason {
			t.Errorf("%s: %+v (%v)", name, got, err)
		}
	}
}

// A stranger on the network learns nothing, and cannot put an answer into the
// portal's ear.
func TestBothSidesShowACertificate(t *testing.T) {
	t.Parallel()
	r, foreign := start(t), start(t)
	for name, change := range map[string]func(*registers.Options){
		"another authority's portal": func(o *registers.Options) {
			o.CertFile, o.KeyFile = foreign.options().CertFile, foreign.options().KeyFile
		},
		"another authority's register": func(o *registers.Options) { o.CAFile = foreign.options().CAFile },
		"the register's own certificate": func(o *registers.Options) {
			o.CertFile, o.KeyFile = filepath.Join(r.dir, "server.pem"), filepath.Join(r.dir, "server-key.pem")
		},
		"another name": func(o *registers.Options) { o.URL = strings.Replace(o.URL, "127.0.0.1", "127.0.0.2", 1) },
	} {
		o := r.options()
		change(&o)
		if got, err := client(t, o).Check(t.Context(), annas("one")); !errors.Is(err, registers.ErrAway) {
			t.Errorf("%s: %+v (%v)", name, got, err)
		}
	}
	plain := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	if answer, err := plain.Get(r.address + "/registers/passports/v1/checks/x"); err == nil {
		_ = answer.Body.Close()
		t.Errorf("without a certificate: %s", answer.Status)
	}
	if _, err := client(t, r.options()).Check(t.Context(), annas("one")); err != nil {
		t.Errorf("with the right ones: %v", err)
	}
}

func TestRenewedCertificateNeedsNoRestart(t *testing.T) {
	t.Parallel()
	r, foreign := start(t), start(t)
	dir := t.TempDir()
	lay := func(from *register) {
		for _, name := range []string{sim.AuthorityFile, sim.CertificateFile, sim.KeyFile} {
			text, err := os.ReadFile(filepath.Join(from.dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	lay(foreign)
	o := (&register{address: r.address, dir: dir}).options()
	c := client(t, o)
	if _, err := c.Check(t.Context(), annas("one")); !errors.Is(err, registers.ErrAway) {
		t.Fatalf("with the old one: %v", err)
	}
	lay(r)
	if _, err := c.Check(t.Context(), annas("one")); err != nil {
		t.Errorf("with the new one: %v", err)
	}
}

func TestErrorsSayWhatToDoAndNameNobody(t *testing.T) {
	t.Parallel()
	r := start(t)
	metrics := prometheus.NewRegistry()
	o := r.options()
	o.Metrics = metrics
	c := client(t, o)
	away := annas("away")
	away.Series, away.Number = "4499", "000005"
	malformed := annas("malformed")
	malformed.Number = "12"
	changed := annas("one")
	if _, err := c.Check(t.Context(), changed); err != nil {
		t.Fatal(err)
	}
	changed.Copy[0]++

	var refused registers.RefusedError
	_, err := c.Check(t.Context(), away)
	errs := []error{err}
	if !errors.Is(err, registers.ErrAway) {
		t.Errorf("away: %v", err)
	}
	_, err = c.Check(t.Context(), malformed)
	errs = append(errs, err)
	if !errors.As(err, &refused) || refused.Status != 422 || refused.Code != "invalid_document" {
		t.Errorf("malformed: %v", err)
	}
	_, err = c.Check(t.Context(), changed)
	errs = append(errs, err)
	if !errors.As(err, &refused) || refused.Status != 409 || refused.Code != "request_reused" {
		t.Errorf("another question under the same id: %v", err)
	}
	for _, id := range []string{"nosuchcheck", "../checks", "a b", ""} {
		_, err = c.Result(t.Context(), id)
		errs = append(errs, err)
		if !errors.Is(err, registers.ErrUnknown) {
			t.Errorf("check %q: %v", id, err)
		}
	}
	for _, err := range errs {
		for _, personal := range []string{malformed.Surname, malformed.Name, "4400", "000005", "nosuchcheck"} {
			if strings.Contains(err.Error(), personal) {
				t.Errorf("%q is in %v", personal, err)
			}
		}
	}
	counted := map[string]float64{}
	families, err := metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, metric := range families[0].GetMetric() {
		counted[metric.GetLabel()[0].GetValue()] = metric.GetCounter().GetValue()
	}
	want := map[string]float64{"answered": 1, "away": 1, "refused": 3}
	if !maps.Equal(counted, want) {
		t.Errorf("counted %v, want %v", counted, want)
	}
}

// The register is somebody else's program: whatever it says, no paper passes by
// mistake.
func TestAnswerBeyondTheContractIsNoAnswer(t *testing.T) {
	t.Parallel()
	r := start(t)
	o := r.options()
	own, err := tls.LoadX509KeyPair(filepath.Join(r.dir, "server.pem"), filepath.Join(r.dir, "server-key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	var status atomic.Int64
	var body atomic.Value
	strange := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "https://evil.test/")
		w.WriteHeader(int(status.Load()))
		_, _ = w.Write([]byte(body.Load().(string)))
	}))
	strange.TLS = &tls.Config{Certificates: []tls.Certificate{own}}
	strange.StartTLS()
	t.Cleanup(strange.Close)
	o.URL = strange.URL
	c := client(t, o)
	for _, said := range []struct {
		status int
		body   string
	}{
		{202, `{"check":"a","status":"approved"}`},
		{202, `{"check":"a"}`},
		{202, `{"check":"../a","status":"match"}`},
		{202, `{"check":"","status":"match"}`},
		{202, `{"check":"a","status":"mismatch","reason":"Лебедева"}`},
		{202, `match`},
		{202, ``},
		{202, `{"check":"a","status":"match"}` + strings.Repeat(" ", 20<<10)},
		{200, `{"check":"a","status":"match"}`},
		{302, `{"check":"a","status":"match"}`},
		{429, ``},
		{500, `{"check":"a","status":"match"}`},
	} {
		status.Store(int64(said.status))
		body.Store(said.body)
		if got, err := c.Check(t.Context(), annas("one")); !errors.Is(err, registers.ErrAway) {
			t.Errorf("%d %.60s: %+v (%v)", said.status, said.body, got, err)
		}
	}
	status.Store(202)
	body.Store(`{"check":"a","status":"match","reason":"name"}`)
	if got, err := c.Check(t.Context(), annas("one")); err != nil || got != (registers.Check{ID: "a", Status: registers.Match}) {
		t.Errorf("%+v (%v)", got, err)
	}
}

func TestSettingsThatCannotWorkAreToldAtStart(t *testing.T) {
	t.Parallel()
	r := start(t)
	for name, change := range map[string]func(*registers.Options){
		"no address":      func(o *registers.Options) { o.URL = "" },
		"no encryption":   func(o *registers.Options) { o.URL = "http://127.0.0.1:1" },
		"a path":          func(o *registers.Options) { o.URL += "/x" },
		"a password":      func(o *registers.Options) { o.URL = "https://a:b@register.example" },
		"no authority":    func(o *registers.Options) { o.CAFile = filepath.Join(r.dir, "none.pem") },
		"no certificate":  func(o *registers.Options) { o.CAFile = o.KeyFile },
		"another key":     func(o *registers.Options) { o.KeyFile = filepath.Join(r.dir, "server-key.pem") },
		"no key":          func(o *registers.Options) { o.KeyFile = o.CertFile },
		"nothing at all ": func(o *registers.Options) { *o = registers.Options{} },
	} {
		o := r.options()
		change(&o)
		if _, err := registers.New(o); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
