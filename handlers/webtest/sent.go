package webtest

import (
	"context"
	"sync"

	"veche/domain/accounts"
	"veche/domain/codes"
)

// Sent is where the codes of a site go out: what was sent is kept for the test to
// read.
type Sent struct {
	mu       sync.Mutex
	messages []codes.Message
	told     []accounts.Message
}

// Tell keeps what is told about an account.
func (s *Sent) Tell(_ context.Context, message accounts.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, message)
	return nil
}

// Told is what was told so far.
func (s *Sent) Told() []accounts.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]accounts.Message(nil), s.told...)
}

// Send keeps a message.
func (s *Sent) Send(_ context.Context, message codes.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, message)
	return nil
}

// Messages are those that were sent so far.
func (s *Sent) Messages() []codes.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]codes.Message(nil), s.messages...)
}

// Code has the codes sent that wait in the queue, as the jobs would, and answers the
// newest that went to an address.
func (s *Site) Code(address string) string {
	s.t.Helper()
	ctx := s.t.Context()
	rows, err := s.DB.Pool().Query(ctx, `SELECT id, sends FROM codes WHERE delivery = 'queued' ORDER BY id`)
	if err != nil {
		s.t.Fatal(err)
	}
	type waiting struct {
		id      int64
		sending int
	}
	var queue []waiting
	for rows.Next() {
		var w waiting
		if err := rows.Scan(&w.id, &w.sending); err != nil {
			s.t.Fatal(err)
		}
		queue = append(queue, w)
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
	for _, w := range queue {
		if err := s.Codes.Send(ctx, w.id, w.sending, true); err != nil {
			s.t.Fatal(err)
		}
	}
	messages := s.Sent.Messages()
	for i := len(messages) - 1; i >= 0; i-- {
		if messages[i].Address == address {
			return messages[i].Code
		}
	}
	s.t.Fatalf("no code was sent to %s: %d messages", address, len(messages))
	return ""
}
