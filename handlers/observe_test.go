package handlers_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"maps"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"veche/domain/access"
	"veche/domain/event"
	"veche/handlers"
	"veche/handlers/webtest"
)

// journal is a log at debug level that a test reads.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// keep has the server write into the journal.
func (j *journal) keep(o *handlers.Options) {
	o.Log = slog.New(slog.NewJSONHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// lines are the lines of one trace. The line of a request is written after its
// answer, so that it is waited for.
func (j *journal) lines(t *testing.T, trace string) []map[string]any {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		var found []map[string]any
		ended := false
		for text := range strings.Lines(j.String()) {
			var line map[string]any
			if err := json.Unmarshal([]byte(text), &line); err != nil {
				t.Fatalf("%v in %q", err, text)
			}
			if line["trace"] == trace {
				found = append(found, line)
				ended = ended || line["msg"] == "request"
			}
		}
		if ended {
			return found
		}
		if time.Now().After(deadline) {
			t.Fatalf("no request of trace %q in the log:\n%s", trace, j)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// echo answers with the trace that stores and views see.
func echo(s *webtest.Site) {
	rough(s)
	s.Server.Mount([]handlers.Route{
		{Method: "GET", Path: "/echo/:who", Action: access.Read, Handle: func(c *handlers.Ctx) error {
			return c.SendString(event.Trace(c.Context()))
		}},
	})
}

var ownTrace = regexp.MustCompile(`^[a-z2-7]{16}$`)

func TestRequestHasOneTraceEverywhere(t *testing.T) {
	t.Parallel()
	j := &journal{}
	s := webtest.New(t, echo, j.keep)
	seen := make(map[string]bool)
	for path, want := range map[string]struct {
		route  string
		status float64
		logged int // lines
	}{
		"/echo/anna@demo.test?q=hunter2":    {"/echo/:who", 200, 1},
		"/rough/internal?q=hunter2":         {"/rough/internal", 500, 2},
		"/rough/panic?q=hunter2":            {"/rough/panic", 500, 3},
		"/rough/conflict?q=hunter2":         {"/rough/conflict", 409, 1},
		"/nowhere/anna@demo.test?q=hunter2": {"none", 404, 1},
		"/static/nowhere/hunter2.js":        {"/static/", 404, 1},
	} {
		visitor := s.Guest()
		visitor.Header.Set("X-Request-ID", "chosen-by-the-visitor")
		page := visitor.Get(path)
		trace := page.Header.Get("X-Request-ID")
		if !ownTrace.MatchString(trace) || seen[trace] {
			t.Fatalf("%s: the trace is %q", path, trace)
		}
		seen[trace] = true
		if want.status == 200 && page.Body != trace {
			t.Errorf("%s: stores and views see %q, the answer says %q", path, page.Body, trace)
		}
		if want.status == 500 && !strings.Contains(page.Text(), trace) {
			t.Errorf("%s: the page of the error does not show %q", path, trace)
		}
		lines := j.lines(t, trace)
		if len(lines) != want.logged {
			t.Errorf("%s: %d lines: %v", path, len(lines), lines)
		}
		last := lines[len(lines)-1]
		took, measured := last["took"].(float64)
		if last["level"] != "DEBUG" || last["method"] != "GET" || last["route"] != want.route || last["status"] != want.status || !measured || took < 0 {
			t.Errorf("%s: the log says %v", path, last)
		}
		for _, line := range lines {
			if line["route"] != want.route {
				t.Errorf("%s: the log names another route: %v", path, line)
			}
		}
	}
	// What breaks is logged with its cause; what was asked for never is.
	for text := range strings.Lines(j.String()) {
		if strings.Contains(text, "anna@") || strings.Contains(text, "q=hunter2") || strings.Contains(text, "hunter2.js") {
			t.Errorf("the log tells %s", text)
		}
	}
}

func TestOnlyATrustedProxyNamesTheTrace(t *testing.T) {
	t.Parallel()
	s := webtest.New(t, echo, func(o *handlers.Options) { o.TrustProxy = true })
	visitor := s.Guest()
	for sent, taken := range map[string]bool{
		"9f86d081884c7d659a2feaa0c55ad015": true,
		"":                                 false,
		"a b":                              false,
		`"><script>`:                       false,
		strings.Repeat("a", 65):            false,
	} {
		visitor.Header["X-Request-Id"] = []string{sent}
		page := visitor.Get("/echo/x")
		trace := page.Header.Get("X-Request-ID")
		if page.Body != trace || (trace == sent) != taken || !taken && !ownTrace.MatchString(trace) {
			t.Errorf("the proxy sent %q, the trace is %q, stores see %q", sent, trace, page.Body)
		}
	}
}

func TestRequestsAreMeasuredByRouteAndNotByAddress(t *testing.T) {
	t.Parallel()
	metrics := prometheus.NewPedanticRegistry()
	s := webtest.New(t, echo, quietly, func(o *handlers.Options) { o.Metrics = metrics })
	guest := s.Guest()
	for _, path := range []string{"/echo/1", "/echo/2?q=x", "/rough/internal", "/nowhere/1", "/nowhere/2"} {
		guest.Get(path)
	}
	want := map[string]uint64{
		"GET /echo/:who 2xx":      2,
		"GET /rough/internal 5xx": 1,
		"GET none 4xx":            2,
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		got := requestsMeasured(t, metrics)
		if maps.Equal(got, want) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("measured %v, want %v", got, want)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func requestsMeasured(t *testing.T, metrics prometheus.Gatherer) map[string]uint64 {
	t.Helper()
	families, err := metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counts := make(map[string]uint64)
	for _, family := range families {
		if family.GetName() != "veche_http_request_seconds" {
			continue
		}
		for _, m := range family.GetMetric() {
			labels := make(map[string]string)
			for _, label := range m.GetLabel() {
				labels[label.GetName()] = label.GetValue()
			}
			counts[labels["method"]+" "+labels["route"]+" "+labels["status"]] = m.GetHistogram().GetSampleCount()
		}
	}
	return counts
}
