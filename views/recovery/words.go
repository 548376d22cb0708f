package recovery

import (
	"context"
	"fmt"

	"veche/domain/recovery"
	"veche/views/ui"
	"veche/views/words"
)

func hrefOf(id recovery.RequestID) string { return fmt.Sprintf("%s/%d", DeskPath, id) }

func kindName(ctx context.Context, r recovery.Request) string {
	if r.Paper {
		return words.T(ctx, "recovery.desk.kind_paper")
	}
	return words.T(ctx, "recovery.desk.kind_access")
}

func stateTone(s recovery.RequestState) ui.Tone {
	switch s {
	case recovery.RequestIssued, recovery.RequestLifted:
		return ui.Good
	case recovery.RequestRefused:
		return ui.Bad
	}
	return ui.Warn
}

func rightTone(right int) ui.Tone {
	if right == recovery.Needed {
		return ui.Good
	}
	return ui.Bad
}

// Text is a message as a text.
func Text(ctx context.Context, m recovery.Message) string {
	return words.T(ctx, "recovery.message."+string(m.Kind), values(ctx, m)...)
}

// Letter is a message as a letter.
func Letter(ctx context.Context, m recovery.Message) (subject, body string) {
	return words.T(ctx, "recovery.message.subject"), words.T(ctx, "recovery.message."+string(m.Kind), values(ctx, m)...)
}

func values(ctx context.Context, m recovery.Message) []any {
	reason := m.Reason
	if m.Kind == recovery.TellRefused {
		reason = why(ctx, m.Reason)
	}
	return []any{"Number", m.Number, "Reason", reason, "Secret", m.Secret, "Hours", int(recovery.TemporaryFor.Hours())}
}
