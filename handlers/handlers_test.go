package handlers_test

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"veche/db/given"
	pollsdb "veche/db/polls"
	"veche/domain/access"
	"veche/domain/problem"
	"veche/domain/publics"
	"veche/handlers"
	pollsweb "veche/handlers/polls"
	"veche/handlers/settings"
	"veche/handlers/webtest"
	"veche/hub"
	"veche/hub/localredis"
)

// rough is an area whose handlers go wrong.
func rough(s *webtest.Site) {
	answer := func(err error) func(*handlers.Ctx) error {
		return func(*handlers.Ctx) error { return err }
	}
	s.Server.Mount([]handlers.Route{
		{Method: "GET", Path: "/rough/internal", Action: access.Read, Handle: answer(errors.New("password of the database is hunter2"))},
		{Method: "GET", Path: "/rough/panic", Action: access.Read, Handle: func(*handlers.Ctx) error { panic("on purpose: hunter2") }},
		{Method: "GET", Path: "/rough/conflict", Action: access.Read, Handle: answer(problem.New(problem.Conflict, "polls.problem.closed"))},
		{Method: "GET", Path: "/rough/unruled", Action: "rough.nobody_thought_of", Handle: func(c *handlers.Ctx) error { return c.SendString("in") }},
	})
}

var discard = slog.New(slog.DiscardHandler)

// quietly keeps errors made on purpose out of the test's output.
func quietly(o *handlers.Options) { o.Log = discard }

func TestInternalErrorsTellThePersonNothingOfTheInside(t *testing.T) {
	t.Parallel()
	s := webtest.New(t, rough, quietly)
	for _, path := range []string{"/rough/internal", "/rough/panic"} {
		page := s.Guest().Get(path)
		if page.Status != http.StatusInternalServerError || page.Find("h1").Length() != 1 {
			t.Errorf("%s: %d %.300s", path, page.Status, page.Body)
		}
		if strings.Contains(page.Body, "hunter2") {
			t.Errorf("%s tells what broke", path)
		}
		if !strings.Contains(page.Text(), "Номер запроса") {
			t.Errorf("%s names no request for support", path)
		}
	}
	if page := s.Guest().Get("/rough/conflict"); page.Status != http.StatusConflict {
		t.Errorf("the server does not live on: %d", page.Status)
	}
}

func TestActionWithoutARuleLetsNobodyIn(t *testing.T) {
	t.Parallel()
	s := webtest.New(t, rough)
	person, _ := s.Person()
	if page := person.Get("/rough/unruled"); page.Status != http.StatusForbidden {
		t.Errorf("%d %s", page.Status, page.Body)
	}
}

func TestPagesThatAreNotThereLeadSomewhere(t *testing.T) {
	t.Parallel()
	s := webtest.New(t, rough)
	page := s.Guest().Get("/rough/nowhere")
	if page.Status != http.StatusNotFound || page.Find(`main a[href="/"]`).Length() == 0 {
		t.Errorf("%d %.300s", page.Status, page.Body)
	}
}

// What no route takes is answered inside the person's own frame, whose forms work.
func TestMissingPageKeepsThePersonAndTheForms(t *testing.T) {
	t.Parallel()
	s := webtest.New(t, func(s *webtest.Site) { s.Server.Mount(settings.New(s.Accounts).Routes()) })
	anna, who := s.Person()
	missing := anna.Get("/nowhere")
	if missing.Status != http.StatusNotFound || missing.Find(`form[action="/sign-out"]`).Length() != 1 {
		t.Errorf("%d, and the frame is not %s's", missing.Status, who.Name)
	}
	if answer := anna.Post("/settings/language", url.Values{"lang": {"en"}}); answer.Status != http.StatusSeeOther {
		t.Errorf("its form for the language is answered %d", answer.Status)
	}
}

func TestFormThatWentWrongLeadsBackToItsPage(t *testing.T) {
	t.Parallel()
	s := webtest.New(t, func(s *webtest.Site) {
		answer := func(path string, err error) handlers.Route {
			return handlers.Route{Method: "POST", Path: path, Action: access.Read, Handle: func(*handlers.Ctx) error { return err }}
		}
		s.Server.Mount([]handlers.Route{
			{Method: "GET", Path: "/desk", Action: access.Read, Handle: func(*handlers.Ctx) error {
				return problem.New(problem.Conflict, "polls.problem.closed")
			}},
			answer("/desk/refused", problem.New(problem.Conflict, "polls.problem.closed")),
			answer("/desk/broken", errors.New("on purpose")),
		})
	}, quietly)
	for referer, want := range map[string]string{
		s.URL + "/desk?tab=2":       "/desk?tab=2",
		"https://evil.example/desk": "/",
		"":                          "/",
	} {
		for _, path := range []string{"/desk/refused", "/desk/broken"} {
			guest := s.Guest()
			guest.Get("/desk")
			guest.Header.Set("Referer", referer)
			page := guest.Post(path, url.Values{})
			if page.Find(`main a[href="`+want+`"]`).Length() == 0 {
				t.Errorf("%s from %q: no way back to %s: %s", path, referer, want, page.Find("main").Text())
			}
			if got := page.Find(`.language input[name="return"]`).AttrOr("value", ""); got != want {
				t.Errorf("%s from %q: a new language leads to %q", path, referer, got)
			}
			if page.Find(`main a[href=""]`).Length() != 0 || strings.Contains(page.Body, "evil.example") {
				t.Errorf("%s from %q: a link leads to where nothing is", path, referer)
			}
		}
	}
}

func TestPostgresAwayIsAClearPage(t *testing.T) {
	t.Parallel()
	s := webtest.New(t, func(s *webtest.Site) {
		s.Server.Mount(pollsweb.New(pollsdb.New(s.DB)).Routes())
	}, quietly)
	given.OpenPoll(t, s.DB)
	person, _ := s.Person()
	webtest.CutOffDatabase(t, s.DB)
	for name, visitor := range map[string]*webtest.Browser{"guest": s.Guest(), "signed in": person} {
		page := visitor.Get("/polls/1")
		if page.Status != http.StatusServiceUnavailable || page.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %d %.300s", name, page.Status, page.Body)
		}
		if !strings.Contains(page.Text(), "Портал ненадолго недоступен") {
			t.Errorf("%s: the page does not say what is wrong", name)
		}
	}
	if up := s.Guest().Get("/healthz"); up.Status != http.StatusOK {
		t.Errorf("the process counts as down: %d", up.Status)
	}
	if ready := s.Guest().Get("/readyz"); ready.Status != http.StatusServiceUnavailable {
		t.Errorf("the process counts as ready: %d", ready.Status)
	}
}

func TestLanguageIsTheReadersChoiceThenTheBrowsers(t *testing.T) {
	t.Parallel()
	s := webtest.New(t, rough)
	for accept, want := range map[string]string{
		"en-GB,en;q=0.9": "en", "de-DE,ru;q=0.5": "ru", "": "ru", "xx,,;q=": "ru",
	} {
		guest := s.Guest()
		guest.Header.Set("Accept-Language", accept)
		if lang, _ := guest.Get("/rough/conflict").Find("html").Attr("lang"); lang != want {
			t.Errorf("%q: %q, want %q", accept, lang, want)
		}
		guest.Header.Set("Cookie", handlers.LangCookie+"=en")
		if lang, _ := guest.Get("/rough/conflict").Find("html").Attr("lang"); lang != "en" {
			t.Errorf("the choice is not kept: %q", lang)
		}
	}
}

func TestLimiterCountsWithAndWithoutRedis(t *testing.T) {
	t.Parallel()
	server, err := localredis.Start(t.Context(), localredis.Options{Real: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	options, err := hub.RedisOptions(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewUniversalClient(options)
	t.Cleanup(func() { _ = client.Close() })
	one, two := handlers.NewLimiter(client, "test:", []byte("s")), handlers.NewLimiter(client, "test:", []byte("s"))
	limit := handlers.Limit{Tries: 3, Period: time.Hour}
	tries := func(l *handlers.Limiter, key string) (allowed int) {
		for range 5 {
			err := l.Allow(t.Context(), key, limit)
			found, refused := problem.As(err)
			if err != nil && (!refused || found.Kind != problem.TooMany) {
				t.Fatalf("answered %v", err)
			}
			if err == nil {
				allowed++
			}
		}
		return allowed
	}
	if got := tries(one, "sign-in:anna") + tries(two, "sign-in:anna"); got != 3 {
		t.Errorf("two processes together allowed %d of 3", got)
	}
	for _, key := range client.Keys(t.Context(), "*").Val() {
		if strings.Contains(key, "anna") {
			t.Errorf("Redis is told who tried: %q", key)
		}
	}
	server.Kill()
	if got := tries(one, "sign-in:boris"); got != 3 {
		t.Errorf("without Redis %d of 3 were allowed", got)
	}
}

// Whoever has to wait is told how long, on the page and in the header for programs.
func TestWhoTriedTooOftenIsToldWhenToComeBack(t *testing.T) {
	t.Parallel()
	s := webtest.New(t, func(s *webtest.Site) {
		s.Server.Mount([]handlers.Route{
			{Method: "GET", Path: "/limited", Action: access.Read, Handle: func(c *handlers.Ctx) error {
				if err := c.Limiter().Allow(c.Context(), "limited", handlers.Limit{Tries: 1, Period: 10 * time.Minute}); err != nil {
					return err
				}
				return c.SendString("in")
			}},
			{Method: "GET", Path: "/busy", Action: access.Read, Handle: func(*handlers.Ctx) error {
				return problem.New(problem.TooMany, "accounts.problem.busy")
			}},
		})
	})
	guest := s.Guest()
	if in := guest.Get("/limited"); in.Status != http.StatusOK || in.Header.Get("Retry-After") != "" {
		t.Fatalf("the first try: %d, Retry-After %q", in.Status, in.Header.Get("Retry-After"))
	}
	refused := guest.Get("/limited")
	seconds, err := strconv.Atoi(refused.Header.Get("Retry-After"))
	if refused.Status != http.StatusTooManyRequests || err != nil || seconds < 300 || seconds > 600 {
		t.Errorf("the second try: %d, Retry-After %q", refused.Status, refused.Header.Get("Retry-After"))
	}
	if !strings.Contains(refused.Text(), fmt.Sprint(seconds)) {
		t.Errorf("the page speaks of another time than %d s: %s", seconds, refused.Text())
	}
	if busy := guest.Get("/busy"); busy.Status != http.StatusTooManyRequests || busy.Header.Get("Retry-After") != "5" {
		t.Errorf("where no time is known: %d, Retry-After %q", busy.Status, busy.Header.Get("Retry-After"))
	}
}

// Whose page may open a socket is decided by the Host that reached the portal. A
// header by which a proxy says another is believed only behind a proxy.
func TestForwardedHostDoesNotOpenSocketsToForeignPages(t *testing.T) {
	t.Parallel()
	s := webtest.New(t, rough)
	for name, c := range map[string]struct {
		host   string
		status int
	}{
		"own":     {"", http.StatusSwitchingProtocols},
		"foreign": {"evil.example", http.StatusForbidden},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/live", nil)
		if err != nil {
			t.Fatal(err)
		}
		origin := s.URL
		if c.host != "" {
			origin = "http://" + c.host
			request.Header.Set("X-Forwarded-Host", c.host)
		}
		for header, value := range map[string]string{
			"Origin": origin, "Connection": "Upgrade", "Upgrade": "websocket",
			"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
		} {
			request.Header.Set(header, value)
		}
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", name, response.StatusCode, c.status)
		}
	}
}

func TestLocalPath(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/polls/1", "/polls?status=open&q=%D1%8B", "/"} {
		if got := handlers.LocalPath(path); got != path {
			t.Errorf("%q became %q", path, got)
		}
	}
	for _, path := range []string{
		"", "polls", "//evil.example", "///evil.example", `/\evil.example`, `\\evil.example`, "https://evil.example",
		"/\t/evil.example", "/\n/evil.example", "javascript:alert(1)", "/%zz", "http:/evil.example",
	} {
		if got := handlers.LocalPath(path); got != "/" {
			t.Errorf("%q became %q", path, got)
		}
	}
}

func TestParseIDTakesNonsenseForNoRow(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]publics.PostID{
		"7": 7, "9223372036854775807": math.MaxInt64,
		"": 0, "0": 0, "-7": 0, "7x": 0, " 7": 0, "7.0": 0, "9223372036854775808": 0,
	} {
		if got := handlers.ParseID[publics.PostID](s); got != want {
			t.Errorf("%q is %d, want %d", s, got, want)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add(handlers.NewKey())
	f.Add("'; DROP TABLE ballots")
	f.Fuzz(func(t *testing.T, sent string) {
		if key := handlers.ParseKey(sent); key != "" && (key != sent || strings.ContainsAny(key, `'"<>& `)) {
			t.Errorf("%q became %q", sent, key)
		}
	})
}
