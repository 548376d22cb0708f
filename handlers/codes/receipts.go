// Package codes takes what an operator reports of the one-time codes it carried. Its
// caller is a program: it has no session and no cookie, and is believed by the
// signature of what it sends alone.
package codes

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"veche/domain/access"
	"veche/domain/problem"
	"veche/handlers"
)

// Path is where the operator brings receipts.
const Path = "/codes/receipts"

// SignatureHeader carries the signature of a receipt.
const SignatureHeader = "SMS-Signature"

// maxReceipt is how long a receipt may be, in bytes.
const maxReceipt = 16 << 10

// Receipts checks receipts and notes what they say.
type Receipts interface {
	// Verify answers which message a receipt is of and what became of it, or an error
	// when the operator did not sign this body just now.
	Verify(signature string, body []byte) (messageID, state string, err error)
	// Delivered notes it, however often it is told, and in any order with what else
	// is known of the message. It answers a problem of kind NotFound for a message
	// that there is not.
	Delivered(ctx context.Context, messageID, state string) error
}

// Handler serves receipts.
type Handler struct{ receipts Receipts }

// New makes the handler.
func New(receipts Receipts) *Handler { return &Handler{receipts} }

// Routes is the area's table of routes.
func (h *Handler) Routes() []handlers.Route {
	return []handlers.Route{
		{Method: fiber.MethodPost, Path: Path, Action: access.Report, Machine: true, Handle: h.receipt},
	}
}

// receipt takes a receipt: 204 when it is noted, 403 when it is not believed, 410 when
// there is nothing to note it of, so that the operator does not come again. When it
// cannot be noted now, the answer is an error and the operator does.
func (h *Handler) receipt(c *handlers.Ctx) error {
	body := c.Body()
	if len(body) > maxReceipt {
		return c.SendStatus(fiber.StatusRequestEntityTooLarge)
	}
	messageID, state, err := h.receipts.Verify(c.Get(SignatureHeader), body)
	if err != nil {
		return c.SendStatus(fiber.StatusForbidden)
	}
	err = h.receipts.Delivered(c.Context(), messageID, state)
	if found, ok := problem.As(err); ok && found.Kind == problem.NotFound {
		return c.SendStatus(fiber.StatusGone)
	}
	if err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
