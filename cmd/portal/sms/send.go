package sms

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
)

// maxAnswer is how much of an answer is read, in bytes.
const maxAnswer = 16 << 10

// Message is one text to one phone.
type Message struct {
	ID       string `json:"id"` // handed over twice, a message keeps it
	To       string `json:"to"` // ITU-T E.164 with "+"
	Text     string `json:"text"`
	Callback string `json:"callback,omitempty"` // where the receipt goes; "" asks for none
}

// RefusedError is an answer of the gateway. Of what the gateway wrote it holds only
// what the contract names: the rest may name the reader.
type RefusedError struct {
	Status int    // RFC 9110
	Code   string // of the contract, "" when the gateway gives none of these
}

// Error says how the gateway answered.
func (e RefusedError) Error() string {
	if e.Code == "" {
		return fmt.Sprintf("the SMS gateway answered with %d", e.Status)
	}
	return fmt.Sprintf("the SMS gateway answered with %d %s", e.Status, e.Code)
}

// The codes of the contract: those about the message, and those that the operator can
// mend.
var (
	ofMessage = []string{
		"invalid_id", "invalid_number", "invalid_text", "too_long", "number_refused",
		"id_reused", "invalid_json", "too_large", "not_json",
	}
	ofPortal = []string{"invalid_token", "invalid_callback", "callback_not_allowed", "busy"}
)

// Final says that trying again is of no use: this message is refused for good. What the
// operator can mend, such as a token that expired, is not.
func (e RefusedError) Final() bool {
	switch e.Status {
	case http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge,
		http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return !slices.Contains(ofPortal, e.Code)
	}
	return false
}

// Send hands a message over. It answers a RefusedError, or an error that holds
// nothing of the message.
func (g *Gateway) Send(ctx context.Context, message Message) error {
	err := g.send(ctx, message)
	var answer RefusedError
	switch {
	case err == nil:
		g.messages.WithLabelValues(sent).Inc()
	case errors.As(err, &answer) && answer.Final():
		g.messages.WithLabelValues(refused).Inc()
	default:
		g.messages.WithLabelValues(failed).Inc()
	}
	return err
}

func (g *Gateway) send(ctx context.Context, message Message) error {
	body, err := json.Marshal(message)
	if err != nil {
		return errors.New("the text message cannot be written as JSON")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.o.URL, bytes.NewReader(body))
	if err != nil {
		return errors.New("the SMS gateway has no address that can be asked")
	}
	request.Header.Set("Authorization", "Bearer "+g.o.Token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json, application/problem+json")
	request.Header.Set("User-Agent", "veche")
	answer, err := g.client.Do(request)
	if err != nil {
		return discreet(err)
	}
	defer func() { _ = answer.Body.Close() }()
	return judge(answer, message.ID)
}

// judge reads what the gateway says. That it took the message is believed when it
// names it: what answers 202 at a wrong address is not the gateway.
func judge(answer *http.Response, id string) error {
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return discreet(err)
	}
	var said struct{ ID, Code string }
	readable := json.Unmarshal(text, &said) == nil
	if answer.StatusCode != http.StatusAccepted {
		refusal := RefusedError{Status: answer.StatusCode}
		if slices.Contains(ofMessage, said.Code) || slices.Contains(ofPortal, said.Code) {
			refusal.Code = said.Code
		}
		return refusal
	}
	if !readable || said.ID != id {
		return errors.New("the SMS gateway accepted something else than it was given")
	}
	return nil
}

// discreet keeps of a failure where the connection failed. What the other side wrote
// is left out: it may name the reader.
func discreet(err error) error {
	var (
		network net.Error
		dialed  *net.OpError
		trusted *tls.CertificateVerificationError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("send a text message: %w", context.Canceled)
	case errors.As(err, &network) && network.Timeout():
		return fmt.Errorf("the SMS gateway did not answer in time: %w", context.DeadlineExceeded)
	case errors.As(err, &trusted):
		return fmt.Errorf("reach the SMS gateway: %w", trusted)
	case errors.As(err, &dialed) && dialed.Op == "dial":
		return fmt.Errorf("reach the SMS gateway: %w", dialed)
	}
	return errors.New("the connection to the SMS gateway broke")
}
