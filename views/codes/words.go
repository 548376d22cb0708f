// Package codes puts one-time codes into words: the text message and the letter they
// come in.
package codes

import (
	"context"

	"veche/domain/codes"
	"veche/views/words"
)

// Text is the text message. Its first words are the code, as it shows in a preview.
func Text(ctx context.Context, m codes.Message) string {
	return words.T(ctx, "codes.text", "Code", m.Code, "Purpose", words.T(ctx, "codes.purpose."+string(m.Purpose)))
}

// Letter is the letter.
func Letter(ctx context.Context, m codes.Message) (subject, body string) {
	purpose := words.T(ctx, "codes.purpose."+string(m.Purpose))
	return words.T(ctx, "codes.letter.subject", "Purpose", purpose),
		words.T(ctx, "codes.letter.body", "Code", m.Code, "Purpose", purpose, "Minutes", int(codes.Lifetime.Minutes()))
}
