package inbox

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Limits bound what a Box keeps.
type Limits struct {
	Messages int
	Bytes    int
}

// Ordinary limits of the program.
var Ordinary = Limits{Messages: 5000, Bytes: 256 << 20}

// Box keeps the newest messages of all mailboxes and phones. It may be used by
// many goroutines. Messages are never changed once they are in it.
type Box struct {
	limits Limits
	now    func() time.Time

	mu       sync.Mutex
	messages []*Message // oldest first
	bytes    int
	last     int64
	watchers map[chan struct{}]bool
}

// NewBox makes an empty box. Ids begin at the present millisecond, so they go
// on growing when the program is started again.
func NewBox(limits Limits, now func() time.Time) *Box {
	return &Box{limits: limits, now: now, last: now().UnixMilli(), watchers: map[chan struct{}]bool{}}
}

// Deliver puts one copy of the message into each recipient's mailbox, with a
// fresh id and the present time, and drops the oldest messages past the limits.
// The copies share their content, so each is charged its share of the bytes.
func (b *Box) Deliver(message Message, recipients ...string) {
	if len(recipients) == 0 {
		return
	}
	message.Codes = Codes(message.Subject + "\n" + message.Text)
	message.Links = Links(message.Text, message.HTML)
	if message.Attachments == nil {
		message.Attachments = []Attachment{}
	}
	message.size = message.bytes()/len(recipients) + 1

	b.mu.Lock()
	defer b.mu.Unlock()
	message.At = b.now().UTC()
	for _, to := range recipients {
		b.last++
		delivered := message
		delivered.ID, delivered.To, delivered.address = b.last, to, Address(to)
		b.messages = append(b.messages, &delivered)
		b.bytes += delivered.size
	}
	b.trim()
	b.tell()
}

func (b *Box) trim() {
	drop := 0
	for len(b.messages)-drop > b.limits.Messages || b.bytes > b.limits.Bytes && drop < len(b.messages)-1 {
		b.bytes -= b.messages[drop].size
		drop++
	}
	b.messages = slices.Delete(b.messages, 0, drop)
}

// Filter says which messages are meant; its zero value means all of them.
type Filter struct {
	To     string // in any spelling that Address knows
	Kind   Kind
	After  int64     // later than the message with this id
	Since  time.Time // later than this instant
	Before int64     // earlier than the message with this id
	Limit  int       // at most so many; 0 is no limit
}

func (f Filter) match(m *Message, address string) bool {
	return (address == "" || m.address == address) &&
		(f.Kind == "" || m.Kind == f.Kind) &&
		(f.Before == 0 || m.ID < f.Before) &&
		m.ID > f.After && m.At.After(f.Since)
}

// Messages lists what the filter means, newest first.
func (b *Box) Messages(filter Filter) []*Message {
	address := Address(filter.To)
	found := []*Message{}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, message := range slices.Backward(b.messages) {
		if filter.Limit > 0 && len(found) == filter.Limit {
			break
		}
		if filter.match(message, address) {
			found = append(found, message)
		}
	}
	return found
}

// Message is the message with the id, if it is still kept.
func (b *Box) Message(id int64) (*Message, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at, found := slices.BinarySearchFunc(b.messages, id, func(m *Message, id int64) int {
		return cmp.Compare(m.ID, id)
	})
	if !found {
		return nil, false
	}
	return b.messages[at], true
}

// Recipients lists whom the newest messages went to, without repeats, at most
// limit of them.
func (b *Box) Recipients(limit int) []string {
	seen := map[string]bool{}
	var recipients []string
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, message := range slices.Backward(b.messages) {
		if len(recipients) == limit {
			break
		}
		if !seen[message.address] {
			seen[message.address] = true
			recipients = append(recipients, message.To)
		}
	}
	return recipients
}

// Forget drops the messages the filter means.
func (b *Box) Forget(filter Filter) {
	address := Address(filter.To)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = slices.DeleteFunc(b.messages, func(m *Message) bool {
		if !filter.match(m, address) {
			return false
		}
		b.bytes -= m.size
		return true
	})
	b.tell()
}

// Watch gives a channel that says "look again" after every change, and a
// function that ends the watch. Changes that come faster than the watcher reads
// are folded into one.
func (b *Box) Watch() (changed <-chan struct{}, stop func()) {
	watcher := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watchers[watcher] = true
	return watcher, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.watchers, watcher)
	}
}

func (b *Box) tell() {
	for watcher := range b.watchers {
		select {
		case watcher <- struct{}{}:
		default: // already told
		}
	}
}
