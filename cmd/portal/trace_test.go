package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/riverqueue/river"

	"veche/db/dbtest"
	"veche/db/given"
	pollsdb "veche/db/polls"
	"veche/domain/accounts"
	"veche/domain/event"
	"veche/domain/polls"
	"veche/hub/hubtest"
	"veche/hub/localredis"
)

// journal is the log of a process, read while it is written.
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

// logLine is one line as a reader sees it: values by key.
type logLine map[string]string

var logField = regexp.MustCompile(`(\w+)=("(?:[^"\\]|\\.)*"|\S*)`)

func parseLine(text string) logLine {
	line := make(logLine)
	for _, field := range logField.FindAllStringSubmatch(text, -1) {
		value, err := strconv.Unquote(field[2])
		if err != nil {
			value = field[2]
		}
		line[field[1]] = value
	}
	return line
}

// traces are the ids in the key of that name.
func (l logLine) traces() []string { return strings.Fields(strings.Trim(l["traces"], "[]")) }

// await waits for a line that fits.
func (j *journal) await(t *testing.T, what string, fits func(logLine) bool) logLine {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		for text := range strings.Lines(j.String()) {
			if line := parseLine(text); fits(line) {
				return line
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the log does not say %s:\n%s", what, j)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// startLogged runs the portal with a log that tells everything.
func startLogged(t *testing.T) (*program, *journal) {
	t.Helper()
	redisURL, prefix := localredis.ForTest(t)
	config, err := readConfig(environmentOf(dbtest.URL(t), redisURL, prefix, "VECHE_LOG", "debug"))
	if err != nil {
		t.Fatal(err)
	}
	j := &journal{}
	p, err := newPortal(t.Context(), config, j)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	listener, err := listen(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.serve(ctx, listener, true, io.Discard) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the portal ended with: %v", err)
		}
	})
	return &program{URL: "http://" + listener.Addr().String(), DB: p.db}, j
}

// voteWithScripts sends a vote as the page's script does, and answers the id in the
// header of the answer.
func (p *program) voteWithScripts(t *testing.T, poll polls.Poll, token accounts.Token) (trace string) {
	t.Helper()
	visitor := client(t, p, token)
	form := url.Values{"option": {fmt.Sprint(poll.Options[0].ID)}, "request": {"FORM1"}, "csrf": {tokenOf(t, visitor, p)}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.URL+pagePath(poll)+"/ballots?from=hunter2", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("HX-Request", "true")
	answer, err := visitor.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK || !strings.Contains(string(body), "Ваш голос принят") {
		t.Fatalf("the vote is answered %d %s", answer.StatusCode, body)
	}
	return answer.Header.Get("X-Request-ID")
}

func TestOneIdLeadsFromClickToAnnouncement(t *testing.T) {
	t.Parallel()
	site, j := startLogged(t)
	poll := given.OpenPoll(t, site.DB)
	anna, token := given.Person(t, site.DB)
	trace := site.voteWithScripts(t, poll, token)
	if trace == "" {
		t.Fatal("the answer names no trace")
	}
	asked := j.await(t, "that "+trace+" asked for something", func(l logLine) bool {
		return l["msg"] == "request" && l["trace"] == trace
	})
	if asked["method"] != "POST" || asked["route"] != "/polls/:poll/ballots" || asked["status"] != "200" {
		t.Errorf("the request is logged as %v", asked)
	}
	said := j.await(t, "that "+trace+" was published", func(l logLine) bool {
		return l["msg"] == "published" && slices.Contains(l.traces(), trace)
	})
	delay, err := time.ParseDuration(said["delay"])
	if err != nil || delay < 0 || delay > patience || said["topics"] == "" || said["topics"] == "0" {
		t.Errorf("publishing is logged as %v", said)
	}
	// The id must not become a way from a vote to its voter.
	for _, personal := range []string{anna.Public, anna.Session, string(token), anna.Name, "hunter2", fmt.Sprint("option=", poll.Options[0].ID)} {
		if strings.Contains(j.String(), personal) {
			t.Errorf("the log tells %q:\n%s", personal, j)
		}
	}
}

// A page of somebody else is drawn anew under the id of the click.
func TestOneIdLeadsFromClickToFrame(t *testing.T) {
	t.Parallel()
	site, j := startLogged(t)
	poll := given.OpenPoll(t, site.DB)
	_, token := given.Person(t, site.DB)
	site.showTally(t, poll)
	trace := site.voteWithScripts(t, poll, token)
	drawn := j.await(t, "what was drawn for "+trace, func(l logLine) bool {
		return l["msg"] == "drawn" && l["kind"] == "poll" && l["view"] == "tally" && slices.Contains(l.traces(), trace)
	})
	if drawn["audience"] != "ru" || drawn["regions"] != "1" || drawn["sockets"] != "1" {
		t.Errorf("drawing is logged as %v", drawn)
	}
}

// showTally is a guest whose page shows a poll's tally.
func (p *program) showTally(t *testing.T, poll polls.Poll) {
	t.Helper()
	_, page, _ := send(t, client(t, p, ""), http.MethodGet, p.URL+pagePath(poll), nil, nil)
	document, err := goquery.NewDocumentFromReader(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	tally := event.NewRegion(polls.TopicOf(poll.ID), "tally")
	element := document.Find("#" + tally.ElementID())
	socket := hubtest.OpenPage(t, p.URL+"/live", nil)
	if _, ok := socket.Join(tally, element.AttrOr("data-version", ""), element.AttrOr("data-pass", "")); !ok {
		t.Fatalf("the join of %s was denied", tally)
	}
}

func TestJobIsLoggedAndPublishedUnderItsTrace(t *testing.T) {
	t.Parallel()
	site, j := startLogged(t)
	poll := given.OpenPoll(t, site.DB)
	given.TimeIsUp(t, site.DB, poll.ID)
	given.RunJobNow(t, site.DB, pollsdb.CloseArgs{Poll: poll.ID})
	worked := j.await(t, "that the poll was closed", func(l logLine) bool {
		return l["msg"] == "job" && l["kind"] == "polls.close" && l["outcome"] == jobDone
	})
	if worked["trace"] != "job-"+worked["job"] {
		t.Errorf("the job is logged as %v", worked)
	}
	j.await(t, "that the job's change was published", func(l logLine) bool {
		return l["msg"] == "published" && slices.Contains(l.traces(), worked["trace"])
	})
	_, metrics, _ := send(t, client(t, site, ""), http.MethodGet, site.URL+"/metrics", nil, nil)
	if want := `veche_job_seconds_count{kind="polls.close",outcome="done"} 1`; !strings.Contains(metrics, want) {
		t.Errorf("the metrics lack %s", want)
	}
}

func TestOutcomesOfJobs(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		jobDone:      nil,
		jobPutOff:    fmt.Errorf("close: %w", river.JobSnooze(time.Minute)),
		jobCancelled: fmt.Errorf("send: %w", river.JobCancel(io.ErrUnexpectedEOF)),
		jobFailed:    io.ErrUnexpectedEOF,
	} {
		if got := jobOutcome(err); got != want {
			t.Errorf("%v is %q, want %q", err, got, want)
		}
	}
}
