package main

import (
	"context"
	"strconv"
	"strings"

	"veche/cmd/portal/sms"
	"veche/domain/problem"
	codesweb "veche/handlers/codes"
)

// receipts joins the gateway, which says whose a receipt is, to the store that notes it.
type receipts struct {
	*sms.Gateway
	note func(ctx context.Context, code string, sending int, delivered bool) error
}

// errNoMessage answers a receipt of a message that the portal did not name.
var errNoMessage = problem.New(problem.NotFound, "problems.not_found")

// Delivered notes what became of a sending of a code.
func (r receipts) Delivered(ctx context.Context, messageID, state string) error {
	code, sending, ok := readMessageID(messageID)
	if !ok {
		return errNoMessage
	}
	return r.note(ctx, code, sending, state == sms.Delivered)
}

// readMessageID takes apart what names a sending at the gateway: the public id of the
// code, and the number of the sending.
func readMessageID(id string) (code string, sending int, ok bool) {
	at := strings.LastIndexByte(id, '-')
	if at < 1 {
		return "", 0, false
	}
	sending, err := strconv.Atoi(id[at+1:])
	return id[:at], sending, err == nil && sending > 0
}

// receiptsAddress is where the gateway brings receipts.
func (c config) receiptsAddress() string { return c.absolute(codesweb.Path) }
