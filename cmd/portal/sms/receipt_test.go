package sms_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"veche/cmd/portal/sms"
	"veche/cmd/sim/inbox"
)

// sign signs a body as the contract says, by a key and at a moment.
func sign(key, stamp, body string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(stamp + "." + body))
	return "t=" + stamp + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// absent is a number of the simulated world whose phone is never reached.
const absent = "+79990000001"

func at(moment time.Time) string { return fmt.Sprint(moment.Unix()) }

const delivered = `{"message":"M1","id":"code-1","to":"+79161234567","status":"delivered","reason":"","at":"2026-01-31T09:30:00Z"}`

// What the operator of the simulated world posts is what the portal believes, of
// phones that are reached and of those that are not.
func TestReceiptsOfTheOperatorAreBelieved(t *testing.T) {
	t.Parallel()
	box, address := operator(t)
	g := gateway(t, address)
	said := make(chan [2]string, 2)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		id, state, err := g.Verify(r.Header.Get(sms.SignatureHeader), body)
		if err != nil {
			t.Error(err)
		}
		said <- [2]string{id, state}
		w.WriteHeader(http.StatusNoContent)
	}))
	defer web.Close()
	for _, c := range []struct{ id, to, want string }{
		{"code-1", number, sms.Delivered},
		{"code-2", absent, sms.Failed},
	} {
		err := g.Send(t.Context(), sms.Message{ID: c.id, To: c.to, Text: text, Callback: web.URL})
		if err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-said:
			if got != [2]string{c.id, c.want} {
				t.Errorf("%s: %q", c.id, got)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("no receipt for %s", c.id)
		}
	}
	if n := len(box.Messages(inbox.Filter{})); n != 1 {
		t.Errorf("%d messages on phones", n)
	}
}

func TestForgedReceiptsAreNotBelieved(t *testing.T) {
	t.Parallel()
	g := gateway(t, "https://sms.example/")
	now := time.Now()
	good := sign(secret, at(now), delivered)
	if id, state, err := g.Verify(good, []byte(delivered)); err != nil || id != "code-1" || state != sms.Delivered {
		t.Fatalf("a good receipt: %q %q %v", id, state, err)
	}
	digits := strings.TrimPrefix(good, "t="+at(now)+",v1=")
	for name, c := range map[string]struct {
		signature, body string
		want            error
	}{
		"nothing":                {"", delivered, sms.ErrSignature},
		"no time":                {"v1=" + digits, delivered, sms.ErrSignature},
		"no digits":              {"t=" + at(now) + ",v1=", delivered, sms.ErrSignature},
		"half of the digits":     {good[:len(good)-32], delivered, sms.ErrSignature},
		"more digits":            {good + "00", delivered, sms.ErrSignature},
		"another scheme":         {strings.Replace(good, "v1=", "v0=", 1), delivered, sms.ErrSignature},
		"the other way round":    {"v1=" + digits + ",t=" + at(now), delivered, sms.ErrSignature},
		"another's key":          {sign("another secret than that", at(now), delivered), delivered, sms.ErrSignature},
		"no key":                 {sign("", at(now), delivered), delivered, sms.ErrSignature},
		"another body":           {good, strings.Replace(delivered, "delivered", "failed", 1), sms.ErrSignature},
		"a space more":           {good, delivered + " ", sms.ErrSignature},
		"another time":           {"t=" + at(now.Add(-time.Second)) + ",v1=" + digits, delivered, sms.ErrSignature},
		"a dot moved":            {sign(secret, at(now), delivered+"."), delivered, sms.ErrSignature},
		"recorded long ago":      {sign(secret, at(now.Add(-sms.Window-time.Minute)), delivered), delivered, sms.ErrStale},
		"from the future":        {sign(secret, at(now.Add(sms.Window+time.Minute)), delivered), delivered, sms.ErrStale},
		"from the end of time":   {sign(secret, "9223372036854775807", delivered), delivered, sms.ErrStale},
		"a time beyond numbers":  {sign(secret, "92233720368547758070", delivered), delivered, sms.ErrSignature},
		"a time in words":        {sign(secret, "now", delivered), delivered, sms.ErrSignature},
		"signed, but no JSON":    {sign(secret, at(now), "delivered"), "delivered", sms.ErrReceipt},
		"signed, of no message":  {sign(secret, at(now), `{"status":"failed"}`), `{"status":"failed"}`, sms.ErrReceipt},
		"signed, an id too long": long(now),
		"signed, still unknown":  {sign(secret, at(now), `{"id":"a","status":"accepted"}`), `{"id":"a","status":"accepted"}`, sms.ErrReceipt},
	} {
		id, state, err := g.Verify(c.signature, []byte(c.body))
		if !errors.Is(err, c.want) || id != "" || state != "" {
			t.Errorf("%s: %q %q %v", name, id, state, err)
		}
	}
}

func long(now time.Time) (c struct {
	signature, body string
	want            error
}) {
	c.body = `{"id":"` + strings.Repeat("a", 65) + `","status":"failed"}`
	c.signature, c.want = sign(secret, at(now), c.body), sms.ErrReceipt
	return c
}

// A gateway whose clock differs a little, or whose receipt was under way for a while,
// is believed all the same.
func TestClocksMayDiffer(t *testing.T) {
	t.Parallel()
	g := gateway(t, "https://sms.example/")
	for _, away := range []time.Duration{-sms.Window + time.Minute, sms.Window - time.Minute} {
		if _, _, err := g.Verify(sign(secret, at(time.Now().Add(away)), delivered), []byte(delivered)); err != nil {
			t.Errorf("%s away: %v", away, err)
		}
	}
}

func FuzzVerifyTakesNothingUnsigned(f *testing.F) {
	g, err := sms.New(sms.Options{URL: "https://sms.example/", Token: token, Secret: secret})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("t=1,v1=00", []byte(delivered))
	f.Add(sign("another secret than that", "1", delivered), []byte(delivered))
	f.Fuzz(func(t *testing.T, signature string, body []byte) {
		if id, state, err := g.Verify(signature, body); err == nil {
			t.Errorf("%q was believed: %q %q", signature, id, state)
		}
	})
}
