package sms_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"veche/cmd/sim/inbox"
	"veche/cmd/sim/sms"
)

// receipt is what a receiver reads, written from the contract alone.
type receipt struct {
	Message string
	ID      string
	To      string
	Status  string
	Reason  string
	At      time.Time
}

// verify is the receiver's half of the contract: the signature over time and
// raw body, and a time that is near.
func verify(header string, body []byte, key string, now time.Time) error {
	stamp, mark, ok := strings.Cut(header, ",v1=")
	seconds, isTime := strings.CutPrefix(stamp, "t=")
	if !ok || !isTime {
		return fmt.Errorf("malformed signature %q", header)
	}
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return err
	}
	if age := now.Sub(time.Unix(unix, 0)).Abs(); age > 5*time.Minute {
		return fmt.Errorf("signature is %s away", age)
	}
	given, err := hex.DecodeString(mark)
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, []byte(key))
	fmt.Fprintf(mac, "%s.%s", seconds, body)
	if !hmac.Equal(given, mac.Sum(nil)) {
		return fmt.Errorf("signature does not match")
	}
	return nil
}

// delivery is one request a receiver got.
type delivery struct {
	signature string
	body      []byte
}

// receive starts a receiver that answers with the statuses in turn, the last
// one for ever.
func receive(t *testing.T, statuses ...int) (callback string, got chan delivery) {
	t.Helper()
	got = make(chan delivery, 100)
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		call := int(calls.Add(1)) - 1
		status := statuses[min(call, len(statuses)-1)]
		if status == http.StatusFound {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
		got <- delivery{signature: r.Header.Get("SMS-Signature"), body: body}
	}))
	t.Cleanup(server.Close)
	return server.URL + "/hook", got
}

func wait(t *testing.T, got chan delivery) (receipt, delivery) {
	t.Helper()
	select {
	case d := <-got:
		var r receipt
		if err := json.Unmarshal(d.body, &r); err != nil {
			t.Fatalf("%s: %v", d.body, err)
		}
		return r, d
	case <-time.After(10 * time.Second):
		t.Fatal("no receipt came")
		return receipt{}, delivery{}
	}
}

// until waits for a state of the gateway that needs no more than a moment.
func until(t *testing.T, what string, reached func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !reached(); {
		if time.Now().After(deadline) {
			t.Fatalf("not reached: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func TestReceiptIsSignedForItsReceiver(t *testing.T) {
	g := start(t)
	callback, got := receive(t, http.StatusNoContent)
	sent := g.post(t, body(t, "a", "+79161234567", "Код 482913", callback))
	r, d := wait(t, got)
	if r.Message != sent.Message || r.ID != "a" || r.To != "+79161234567" || r.Status != "delivered" || r.Reason != "" || r.At.IsZero() {
		t.Errorf("receipt %+v", r)
	}
	if strings.Contains(string(d.body), "482913") {
		t.Error("the receipt carries the text")
	}
	now := time.Now()
	if err := verify(d.signature, d.body, secret, now); err != nil {
		t.Errorf("the receiver refuses it: %v", err)
	}
	forged := []byte(strings.Replace(string(d.body), "delivered", "failed", 1))
	if verify(d.signature, forged, secret, now) == nil {
		t.Error("a changed body is accepted")
	}
	if verify(d.signature, d.body, "other", now) == nil {
		t.Error("another secret is accepted")
	}
	if verify(d.signature, d.body, secret, now.Add(6*time.Minute)) == nil {
		t.Error("an old receipt is accepted")
	}
	moved := strings.Replace(d.signature, "t=", "t=1", 1)
	if verify(moved, d.body, secret, now) == nil {
		t.Error("another time is accepted")
	}
}

func TestNumbersMeetTheirFate(t *testing.T) {
	g := start(t)
	callback, got := receive(t, http.StatusOK)

	g.post(t, body(t, "absent", "+79990000001", "x", callback))
	if r, _ := wait(t, got); r.ID != "absent" || r.Status != "failed" || r.Reason != "absent_subscriber" {
		t.Errorf("receipt of the absent one %+v", r)
	}
	if found := g.box.Messages(inbox.Filter{}); len(found) != 0 {
		t.Errorf("the absent one received %v", found)
	}

	before := time.Now()
	late := g.post(t, body(t, "late", "+79990000002", "x", callback))
	if now := g.ask(t, http.MethodGet, "/sms/v1/messages/"+late.Message, ""); now.Status != "accepted" && time.Since(before) < 50*time.Millisecond {
		t.Errorf("status of the late one at first %+v", now)
	}
	if r, _ := wait(t, got); r.ID != "late" || r.Status != "delivered" || time.Since(before) < 50*time.Millisecond {
		t.Errorf("receipt of the late one %+v after %s", r, time.Since(before))
	}
	if found := g.box.Messages(inbox.Filter{To: "+79990000002"}); len(found) != 1 {
		t.Errorf("the late one received %v", found)
	}

	g.post(t, body(t, "silent", "+79990000005", "x", callback))
	g.post(t, body(t, "last", "+79161234567", "x", callback))
	if r, _ := wait(t, got); r.ID != "last" {
		t.Errorf("a receipt came for %q", r.ID)
	}
}

func TestReceiptIsTriedAgainAndThenGivenUp(t *testing.T) {
	g := start(t)
	callback, got := receive(t, http.StatusInternalServerError, http.StatusFound, http.StatusOK)
	g.post(t, body(t, "again", "+79161234567", "x", callback))
	first, one := wait(t, got)
	second, _ := wait(t, got)
	third, three := wait(t, got)
	if first != second || second != third {
		t.Errorf("the receipt changed between attempts: %+v, %+v, %+v", first, second, third)
	}
	for _, d := range []delivery{one, three} {
		if err := verify(d.signature, d.body, secret, time.Now()); err != nil {
			t.Error(err)
		}
	}

	for name, c := range map[string]struct{ status, attempts int }{
		"never taken":     {http.StatusBadGateway, 3},
		"refused forever": {http.StatusGone, 1},
	} {
		callback, got := receive(t, c.status)
		id := strings.ReplaceAll(name, " ", "-")
		g.post(t, body(t, id, "+79161234567", "x", callback))
		until(t, name+" is given up", func() bool { return pageHas(t, g, "получатель не ответил") })
		if len(got) != c.attempts {
			t.Errorf("%s: %d attempts, want %d", name, len(got), c.attempts)
		}
		for range 20 { // push the lost one off the page
			g.post(t, body(t, fmt.Sprintf("%s-%d", id, len(g.box.Messages(inbox.Filter{}))), "+79161234567", "x", ""))
		}
	}
}

func pageHas(t *testing.T, g gateway, text string) bool {
	t.Helper()
	response, err := http.Get(g.url + "/sms")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(page), text)
}

// 0.0.0.0 reaches a listener of this machine and is not a loopback address, so
// it stands for any other host.
func TestReceiptsReachOtherHostsOnlyWhenConfigured(t *testing.T) {
	callback, got := receive(t, http.StatusOK)
	callback = strings.Replace(callback, "127.0.0.1", "0.0.0.0", 1)
	if got := start(t).post(t, body(t, "a", "+79161234567", "x", callback)); got.Code != "callback_not_allowed" {
		t.Errorf("unconfigured: %+v", got)
	}
	g := start(t, func(c *sms.Config) { c.CallbackHosts = []string{" 0.0.0.0 "} })
	if got := g.post(t, body(t, "a", "+79161234567", "x", callback)); got.status != http.StatusAccepted {
		t.Errorf("configured: %+v", got)
	}
	if r, _ := wait(t, got); r.ID != "a" {
		t.Errorf("receipt %+v", r)
	}
}
