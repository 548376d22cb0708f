package inbox

import (
	"strings"
	"time"
)

// Kind is the network a message came through.
type Kind string

// The networks.
const (
	Mail Kind = "mail"
	SMS  Kind = "sms"
)

// Message is one thing that arrived at one mailbox or phone.
type Message struct {
	ID          int64        `json:"id,string"`
	Kind        Kind         `json:"kind"`
	To          string       `json:"to"`
	From        string       `json:"from"`
	Subject     string       `json:"subject"`
	Text        string       `json:"text"`
	HTML        string       `json:"html"`
	At          time.Time    `json:"at"`
	Codes       []string     `json:"codes"`
	Links       []string     `json:"links"`
	Attachments []Attachment `json:"attachments"`

	address string // To in its normal form, see Address
	size    int    // what the message costs of the box's bytes
}

// Attachment is a file that came with a letter. Content is not part of the
// API: the message page hands it out.
type Attachment struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Size    int    `json:"size"`
	Content []byte `json:"-"`
}

// Address brings a mail address or a phone number to the form in which two
// spellings of one mailbox are equal. A Russian number may begin with 8.
func Address(written string) string {
	written = strings.TrimSpace(written)
	if strings.Contains(written, "@") {
		return strings.ToLower(written)
	}
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, written)
	if digits == "" {
		return strings.ToLower(written)
	}
	if len(digits) == 11 && digits[0] == '8' && !strings.HasPrefix(written, "+") {
		return "7" + digits[1:]
	}
	return digits
}

// bytes is what a message weighs, its attachments included.
func (m Message) bytes() int {
	const overhead = 512
	total := overhead + len(m.From) + len(m.Subject) + len(m.Text) + len(m.HTML)
	for _, file := range m.Attachments {
		total += len(file.Content) + len(file.Name) + len(file.Type)
	}
	return total
}
