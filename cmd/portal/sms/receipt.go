package sms

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// SignatureHeader carries the signature of a receipt.
const SignatureHeader = "SMS-Signature"

// Window is how far the time of a signature may be from the portal's clock.
const Window = 5 * time.Minute

// What a receipt says became of a message.
const (
	Delivered = "delivered"
	Failed    = "failed"
)

// Reasons not to believe a receipt.
var (
	ErrSignature = errors.New("the receipt is not signed by the SMS gateway")
	ErrStale     = errors.New("the receipt was signed at another time than now")
	ErrReceipt   = errors.New("the receipt says nothing that can be read")
)

// idForm is what ids of messages look like.
var idForm = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,64}$`)

// Verify reads a receipt that the gateway signed within the Window: the message's id,
// and Delivered or Failed. body is taken as it came, byte for byte. The same receipt is
// good as often as it comes within the Window, so what it says must be true however
// often it is said.
func (g *Gateway) Verify(signature string, body []byte) (id, state string, err error) {
	id, state, err = g.read(signature, body)
	if err != nil {
		g.receipts.WithLabelValues(refused).Inc()
		return "", "", err
	}
	g.receipts.WithLabelValues(state).Inc()
	return id, state, nil
}

func (g *Gateway) read(signature string, body []byte) (id, state string, err error) {
	if err := g.checkSignature(signature, body, time.Now()); err != nil {
		return "", "", err
	}
	var said struct{ ID, Status string }
	if json.Unmarshal(body, &said) != nil || !idForm.MatchString(said.ID) || said.Status != Delivered && said.Status != Failed {
		return "", "", ErrReceipt
	}
	return said.ID, said.Status, nil
}

// checkSignature compares in constant time, and asks for the time only of what the
// gateway wrote.
func (g *Gateway) checkSignature(signature string, body []byte, now time.Time) error {
	stamp, given, found := strings.Cut(signature, ",")
	seconds, stamped := strings.CutPrefix(stamp, "t=")
	digits, signed := strings.CutPrefix(given, "v1=")
	mac, err := hex.DecodeString(digits)
	if !found || !stamped || !signed || err != nil {
		return ErrSignature
	}
	want := hmac.New(sha256.New, []byte(g.o.Secret))
	want.Write([]byte(seconds + "."))
	want.Write(body)
	if !hmac.Equal(mac, want.Sum(nil)) {
		return ErrSignature
	}
	at, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return ErrSignature
	}
	if away := now.Sub(time.Unix(at, 0)); away < -Window || away > Window {
		return ErrStale
	}
	return nil
}
