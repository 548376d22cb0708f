package accounts

import (
	"context"
	"net/url"

	"veche/domain/accounts"
	"veche/views/words"
)

// Text puts a message into a text message. portal is the portal's address.
func Text(ctx context.Context, m accounts.Message, portal string) string {
	return words.T(ctx, "register.message."+string(m.Kind)+".text", "Portal", portal)
}

// Letter puts a message into a letter. link is the absolute address of the link in it,
// "" where it has none.
func Letter(ctx context.Context, m accounts.Message, portal, link string) (subject, body string) {
	return words.T(ctx, "register.message."+string(m.Kind)+".subject"),
		words.T(ctx, "register.message."+string(m.Kind)+".body",
			"Portal", portal, "Link", link, "Days", int(accounts.EmailLinkFor.Hours())/24)
}

// LinkPath is the page of a link that confirms an e-mail.
func LinkPath(token accounts.Token) string { return "/confirm/email/" + url.PathEscape(string(token)) }

// withNext leads to a page that sends on to another one later.
func withNext(path, next string) string {
	if next == "" || next == "/" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}
