package mail

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"

	"golang.org/x/text/encoding/htmlindex"

	"veche/cmd/sim/inbox"
)

// Bounds of what is read of one letter; what lies beyond is left out.
const (
	maxDepth = 8       // multiparts inside multiparts
	maxParts = 200     // parts in all
	maxText  = 1 << 20 // bytes of text and of HTML
)

// header is what message and part headers have in common.
type header interface{ Get(name string) string }

// parse reads a letter (RFC 5322, MIME in RFC 2045–2047 and 2231). What is
// broken inside the body is kept as far as it could be read; only an unreadable
// header is an error.
func parse(raw []byte) (inbox.Message, error) {
	letter, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return inbox.Message{}, fmt.Errorf("read letter: %w", err)
	}
	reader := reader{message: inbox.Message{
		Kind:    inbox.Mail,
		From:    sender(letter.Header.Get("From")),
		Subject: decodeWords(letter.Header.Get("Subject")),
	}}
	reader.entity(letter.Header, letter.Body, 0)
	message := reader.message
	if strings.TrimSpace(message.Text) == "" {
		message.Text = inbox.PlainText(message.HTML)
	}
	return message, nil
}

// reader collects what the parts of one letter hold.
type reader struct {
	message inbox.Message
	parts   int
}

func (r *reader) entity(head header, body io.Reader, depth int) {
	if r.parts++; r.parts > maxParts {
		return
	}
	kind, params, err := mime.ParseMediaType(head.Get("Content-Type"))
	if err != nil {
		kind, params = "text/plain", map[string]string{}
	}
	if strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" {
		if depth < maxDepth {
			r.multipart(multipart.NewReader(body, params["boundary"]), depth)
		}
		return
	}
	content, _ := io.ReadAll(decodeTransfer(head.Get("Content-Transfer-Encoding"), body)) // a torn part is kept as far as it goes
	disposition, dispositionParams, _ := mime.ParseMediaType(head.Get("Content-Disposition"))
	name := decodeWords(dispositionParams["filename"])
	if name == "" {
		name = decodeWords(params["name"])
	}
	switch {
	case disposition != "attachment" && name == "" && kind == "text/plain":
		r.message.Text = add(r.message.Text, decodeText(content, params["charset"]))
	case disposition != "attachment" && name == "" && kind == "text/html":
		r.message.HTML = add(r.message.HTML, decodeText(content, params["charset"]))
	default:
		r.message.Attachments = append(r.message.Attachments, inbox.Attachment{
			Name: fileName(name, kind), Type: kind, Size: len(content), Content: content,
		})
	}
}

func (r *reader) multipart(parts *multipart.Reader, depth int) {
	for {
		part, err := parts.NextRawPart()
		if err != nil {
			return // the end, or a torn letter: what came before is kept
		}
		r.entity(part.Header, part, depth+1)
	}
}

// add puts a further text part under the ones before it.
func add(before, text string) string {
	if before != "" {
		text = before + "\n" + text
	}
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "")
	}
	return text
}

func decodeTransfer(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	}
	return body
}

// decodeText turns the bytes of a named charset into UTF-8 with plain line
// ends. An unknown charset is read as UTF-8, bad bytes marked.
func decodeText(content []byte, charset string) string {
	text := string(content)
	if encoding, err := htmlindex.Get(charset); err == nil {
		if decoded, err := encoding.NewDecoder().Bytes(content); err == nil {
			text = string(decoded)
		}
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n")
}

var wordDecoder = mime.WordDecoder{CharsetReader: func(charset string, input io.Reader) (io.Reader, error) {
	encoding, err := htmlindex.Get(charset)
	if err != nil {
		return nil, fmt.Errorf("charset %q: %w", charset, err)
	}
	return encoding.NewDecoder().Reader(input), nil
}}

// decodeWords reads encoded words (RFC 2047); what it cannot read stays as it
// was written.
func decodeWords(written string) string {
	decoded, err := wordDecoder.DecodeHeader(written)
	if err != nil {
		decoded = written
	}
	return strings.ToValidUTF8(decoded, "\uFFFD")
}

// sender is the From header as a person reads it: «Вече <no-reply@veche.test>».
func sender(written string) string {
	parser := mail.AddressParser{WordDecoder: &wordDecoder}
	address, err := parser.Parse(written)
	if err != nil {
		return decodeWords(written)
	}
	if address.Name == "" {
		return address.Address
	}
	return address.Name + " <" + address.Address + ">"
}

// fileName is the attachment's own name without any folder before it.
func fileName(name, kind string) string {
	if cut := strings.LastIndexAny(name, `/\`); cut >= 0 {
		name = name[cut+1:]
	}
	if name != "" {
		return name
	}
	if kind == "message/rfc822" {
		return "letter.eml"
	}
	return "attachment"
}
