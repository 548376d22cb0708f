package registers_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"veche/cmd/sim/registers"
	"veche/cmd/sim/site"
)

type desk struct {
	t       *testing.T
	address string
	pages   string
	caller  *http.Client
}

func open(t *testing.T, config registers.Config) desk {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	register, err := registers.New(config, listener, time.Now, log)
	if err != nil {
		t.Fatal(err)
	}
	card := register.Card()
	frame, err := site.New(time.UTC, log, card)
	if err != nil {
		t.Fatal(err)
	}
	pages := httptest.NewServer(frame)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- card.Run(ctx) }()
	t.Cleanup(func() {
		pages.Close()
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the register ended with %v", err)
		}
	})
	return desk{t: t, address: register.Address(), pages: pages.URL, caller: caller(t, register.Dir())}
}

// caller holds the certificate that lies in the folder.
func caller(t *testing.T, dir string) *http.Client {
	t.Helper()
	authority, err := os.ReadFile(filepath.Join(dir, registers.AuthorityFile))
	if err != nil {
		t.Fatal(err)
	}
	own, err := tls.LoadX509KeyPair(filepath.Join(dir, registers.CertificateFile), filepath.Join(dir, registers.KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(authority)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, Certificates: []tls.Certificate{own}}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// reply is an answer of the register, of either kind.
type reply struct {
	status int
	header http.Header
	Check  string
	Status any // a word, or the number of a problem document
	Code   string
}

func (d desk) ask(method, path, kind, body string) reply {
	d.t.Helper()
	request, err := http.NewRequestWithContext(d.t.Context(), method, d.address+"/registers/passports/v1/checks"+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	request.Header.Set("Content-Type", kind)
	response, err := d.caller.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	got := reply{status: response.StatusCode, header: response.Header}
	if err := json.Unmarshal(text, &got); err != nil {
		d.t.Fatalf("%s: %v", text, err)
	}
	return got
}

const jsonKind = "application/json"

// question is a good one; pairs of a field and its JSON replace what it says.
func question(pairs ...string) string {
	said := map[string]json.RawMessage{
		"request": []byte(`"one"`), "surname": []byte(`"Лебедева"`), "name": []byte(`"Анна"`), "patronymic": []byte(`"Сергеевна"`),
		"series": []byte(`"4400"`), "number": []byte(`"000001"`), "copy": []byte(`"` + strings.Repeat("ab", 32) + `"`),
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		said[pairs[i]] = []byte(pairs[i+1])
	}
	text, err := json.Marshal(said)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func TestSameRequestIsOneCheck(t *testing.T) {
	t.Parallel()
	d := open(t, registers.Config{Delay: time.Hour})
	first := d.ask(http.MethodPost, "", jsonKind, question())
	again := d.ask(http.MethodPost, "", jsonKind, question())
	if first.status != http.StatusAccepted || first.header.Get("Idempotent-Replay") != "" || first.Status != "pending" {
		t.Errorf("first: %+v", first)
	}
	if again.status != http.StatusAccepted || again.header.Get("Idempotent-Replay") != "true" || again.Check != first.Check {
		t.Errorf("again: %+v", again)
	}
	if other := d.ask(http.MethodPost, "", jsonKind, question("number", `"000002"`)); other.status != http.StatusConflict || other.Code != "request_reused" {
		t.Errorf("other content: %+v", other)
	}
	if found := d.ask(http.MethodGet, "/"+first.Check, "", ""); found.status != http.StatusOK || found.Check != first.Check {
		t.Errorf("found: %+v", found)
	}
	if missing := d.ask(http.MethodGet, "/NOSUCHCHECK", "", ""); missing.status != http.StatusNotFound || missing.Code != "not_found" {
		t.Errorf("missing: %+v", missing)
	}
}

func TestQuestionsThatCannotBeTakenAreRefusedByCode(t *testing.T) {
	t.Parallel()
	d := open(t, registers.Config{})
	for _, c := range []struct{ body, code string }{
		{question("request", `""`), "invalid_request"},
		{question("request", `"`+strings.Repeat("a", 65)+`"`), "invalid_request"},
		{question("request", `"a b"`), "invalid_request"},
		{question("surname", `" "`), "invalid_person"},
		{question("name", `"`+strings.Repeat("я", 101)+`"`), "invalid_person"},
		{question("birthdate", `"14.03.1988"`), "invalid_person"},
		{question("series", `"44 00"`), "invalid_document"},
		{question("number", `"1"`), "invalid_document"},
		{question("copy", `"abc"`), "invalid_copy"},
		{question("email", `"a@b.test"`), "invalid_json"},
		{question("number", `7`), "invalid_json"},
		{question() + "{}", "invalid_json"},
		{"", "invalid_json"},
		{question("name", `"`+strings.Repeat("a", 20<<10)+`"`), "too_large"},
		{question("series", `"4499"`, "number", `"000005"`), "away"},
	} {
		if got := d.ask(http.MethodPost, "", jsonKind, c.body); got.Code != c.code || got.status < 400 {
			t.Errorf("%.80s: %+v, want %s", c.body, got, c.code)
		}
	}
	if got := d.ask(http.MethodPost, "", "text/plain", question()); got.Code != "not_json" {
		t.Errorf("no JSON: %+v", got)
	}
	if got := d.ask(http.MethodPost, "", jsonKind, question("series", `"4499"`, "number", `"000005"`)); got.header.Get("Retry-After") == "" {
		t.Error("away without a time to come back")
	}
}

func TestPageShowsPapersAndNobodysName(t *testing.T) {
	t.Parallel()
	d := open(t, registers.Config{})
	if got := d.ask(http.MethodPost, "", jsonKind, question("surname", `"Незнакомцева"`, "number", `"123456"`)); got.status != http.StatusAccepted {
		t.Fatalf("%+v", got)
	}
	for lang, words := range map[string][]string{
		"ru": {"Лебедева Анна Сергеевна", "4400 ····56", "не совпадает: такой паспорт не выдавали", "Демо"},
		"en": {"Register of identity papers", "does not match: no such passport was issued", "Demo"},
	} {
		response, err := http.Get(d.pages + "/registers?lang=" + lang)
		if err != nil {
			t.Fatal(err)
		}
		page, err := goquery.NewDocumentFromReader(response.Body)
		response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		text := page.Text()
		for _, word := range words {
			if !strings.Contains(text, word) {
				t.Errorf("%s: the page lacks %q", lang, word)
			}
		}
		for _, secret := range []string{"Незнакомцева", "123456", "[registers."} {
			if strings.Contains(text, secret) {
				t.Errorf("%s: the page shows %q", lang, secret)
			}
		}
	}
	// The API is for those with a certificate, the page for everybody: neither answers
	// at the other's door.
	response, err := http.Post(d.pages+"/registers/passports/v1/checks", jsonKind, strings.NewReader(question()))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode == http.StatusAccepted {
		t.Error("a check was begun without a certificate")
	}
}

func TestCertificatesSurviveARestartWhileTheyLast(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	read := func() (text []byte) {
		for _, name := range []string{registers.AuthorityFile, registers.CertificateFile, registers.KeyFile} {
			file := filepath.Join(dir, name)
			part, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s may be read by others: %v (%v)", name, info.Mode(), err)
			}
			text = append(text, part...)
		}
		return text
	}
	make := func() {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		if _, err := registers.New(registers.Config{Dir: dir}, listener, time.Now, slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
	}
	make()
	first := read()
	make()
	if !bytes.Equal(first, read()) {
		t.Error("a restart made new certificates")
	}
	if err := os.WriteFile(filepath.Join(dir, registers.CertificateFile), []byte("spoilt"), 0o600); err != nil {
		t.Fatal(err)
	}
	make()
	if bytes.Equal(first, read()) {
		t.Error("spoilt certificates were kept")
	}
}

func TestFolderOfARunGoesWithIt(t *testing.T) {
	t.Parallel()
	var dir string
	t.Run("run", func(t *testing.T) {
		d := open(t, registers.Config{})
		response, err := http.Get(d.pages + "/registers")
		if err != nil {
			t.Fatal(err)
		}
		page, err := goquery.NewDocumentFromReader(response.Body)
		response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(page.Find("pre").Text(), "\n")
		dir = strings.TrimPrefix(first, "cd ")
		if _, err := os.Stat(filepath.Join(dir, registers.KeyFile)); err != nil {
			t.Fatal(fmt.Errorf("the page names %q: %w", dir, err))
		}
	})
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there (%v)", dir, err)
	}
}
