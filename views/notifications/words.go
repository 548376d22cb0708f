package notifications

import (
	"context"
	"strings"
	"unicode"

	"veche/domain/notifications"
	"veche/views/words"
)

// Unread says how many items wait.
func Unread(ctx context.Context, unread int) string { return unreadWords(ctx, unread) }

// unreadWords says how many items wait.
func unreadWords(ctx context.Context, unread int) string {
	switch {
	case unread == 0:
		return words.T(ctx, "notifications.unread.none")
	case unread >= notifications.MostUnread:
		return words.T(ctx, "notifications.unread.over", "Count", notifications.MostUnread-1)
	}
	return words.N(ctx, "notifications.unread.count", unread)
}

// title says what happened.
func title(ctx context.Context, n notifications.Notification) string {
	return words.T(ctx, "notifications.kind."+string(n.Kind)+".title")
}

// text says it in a sentence, with the facts.
func text(ctx context.Context, n notifications.Notification) string {
	pairs := []any{"Subject", oneLine(n.Facts[notifications.Subject])}
	if ground := n.Facts[notifications.Ground]; ground != "" {
		pairs = append(pairs, "Ground", words.T(ctx, "moderation.ground."+ground))
	}
	if n.Kind.Section() == notifications.Security {
		pairs = append(pairs, "Place", place(ctx, n))
	}
	return words.T(ctx, "notifications.kind."+string(n.Kind)+".text", pairs...)
}

// place says where something happened, as far as it is known.
func place(ctx context.Context, n notifications.Notification) string {
	device, address := n.Facts[notifications.Device], n.Facts[notifications.Address]
	if device == "" {
		device = words.T(ctx, "sessions.unknown_device")
	}
	if address == "" {
		return device
	}
	return device + ", " + address
}

// oneLine keeps what somebody wrote from looking like lines of the portal's own in a
// letter.
func oneLine(written string) string {
	return strings.Join(strings.FieldsFunc(written, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) // the separators of lines are spaces
	}), " ")
}

func icon(kind notifications.Kind) string {
	switch kind {
	case notifications.CommentPublished:
		return "message-circle"
	case notifications.CommentRefused:
		return "circle-alert"
	case notifications.PollOpened:
		return "vote"
	case notifications.PasswordOld:
		return "key-round"
	}
	if kind.Section() == notifications.Security {
		return "shield-check"
	}
	return "bell"
}

func sectionName(ctx context.Context, section notifications.Section) string {
	if section == "" {
		return words.T(ctx, "notifications.section.all")
	}
	return words.T(ctx, "notifications.section."+string(section))
}

// Alert puts an alert into the words of a letter. link is where the person says whether
// it was them.
func Alert(ctx context.Context, n notifications.Notification, link string) (subject, body string) {
	return title(ctx, n), words.T(ctx, "notifications.letter.alert",
		"Text", text(ctx, n),
		"At", words.DateTime(ctx, n.CreatedAt),
		"Link", link,
	)
}

// Text puts an alert into the words of a text message. link is where the person opens
// their account again.
func Text(ctx context.Context, n notifications.Notification, link string) string {
	return words.T(ctx, "notifications.kind."+string(n.Kind)+".sms", "Link", link)
}

// Letter puts a notification into the words of a letter. link is where the person
// reads more, and settings where they choose to have no letters, both absolute.
func Letter(ctx context.Context, n notifications.Notification, link, settings string) (subject, body string) {
	return title(ctx, n), words.T(ctx, "notifications.letter.body",
		"Text", text(ctx, n),
		"At", words.DateTime(ctx, n.CreatedAt),
		"Link", link,
		"Settings", settings,
	)
}
