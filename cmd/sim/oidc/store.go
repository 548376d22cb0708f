package oidc

import (
	"crypto/rand"
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	codeLife    = 60 * time.Second
	spentLife   = 10 * time.Minute // how long a spent code is remembered, to notice a second use
	tokenLife   = 10 * time.Minute
	idTokenLife = 5 * time.Minute
	sessionLife = 8 * time.Hour
	maxSessions = 500
	maxGrants   = 2000
	maxJournal  = 20
)

// session is a person signed in at the provider in one browser.
type session struct {
	secret  string // the cookie
	SID     string // what clients know it by
	Person  Person
	Method  Method
	Since   time.Time // when the person last showed who they are: auth_time
	began   time.Time
	clients map[string]bool // by id: those the person went to from here
}

// grant is what a person allowed a client: a code, then what it was exchanged for.
type grant struct {
	client    string
	redirect  string
	challenge string
	nonce     string
	scopes    []string
	sid       string
	person    Person
	method    Method
	since     time.Time
	issued    time.Time
	spent     bool
	token     string // the access token it was exchanged for
}

// Delivery is a logout token on its way to a client.
type Delivery struct {
	At     time.Time
	Person string
	Client string
	State  string // waiting, taken, refused or lost
}

// store is what one issuer remembers while the program runs.
type store struct {
	mu       sync.Mutex
	sessions map[string]*session // by sid
	codes    map[string]*grant
	tokens   map[string]*grant
	journal  []*Delivery // oldest first
}

func newStore() store {
	return store{sessions: map[string]*session{}, codes: map[string]*grant{}, tokens: map[string]*grant{}}
}

// sweep forgets what is over. The caller holds the lock.
func (s *store) sweep(now time.Time) {
	maps.DeleteFunc(s.sessions, func(_ string, one *session) bool { return now.Sub(one.began) > sessionLife })
	maps.DeleteFunc(s.codes, func(_ string, one *grant) bool { return now.Sub(one.issued) > spentLife })
	maps.DeleteFunc(s.tokens, func(_ string, one *grant) bool { return now.Sub(one.issued) > tokenLife })
	for len(s.sessions) > maxSessions {
		delete(s.sessions, oldest(s.sessions, func(one *session) time.Time { return one.began }))
	}
	for len(s.codes) > maxGrants {
		delete(s.codes, oldest(s.codes, func(one *grant) time.Time { return one.issued }))
	}
	for len(s.tokens) > maxGrants {
		delete(s.tokens, oldest(s.tokens, func(one *grant) time.Time { return one.issued }))
	}
}

func oldest[T any](all map[string]T, when func(T) time.Time) string {
	return slices.MinFunc(slices.Collect(maps.Keys(all)), func(a, b string) int { return when(all[a]).Compare(when(all[b])) })
}

// signedIn is the session of a cookie.
func (s *store) signedIn(secret string, now time.Time) (session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
	for _, one := range s.sessions {
		if secret != "" && one.secret == secret {
			return *one, true
		}
	}
	return session{}, false
}

// enter signs the person in. Somebody who is signed in here already keeps the session,
// under a new cookie.
func (s *store) enter(person Person, method Method, before session, now time.Time) session {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.sessions[before.SID]
	if known == nil || known.Person.Key != person.Key {
		known = &session{SID: rand.Text(), Person: person, began: now, clients: map[string]bool{}}
		s.sessions[known.SID] = known
	}
	known.secret, known.Method, known.Since = rand.Text()+rand.Text(), method, now
	s.sweep(now)
	return *known
}

// leave ends a session and takes back the tokens of it. It answers the session and the
// clients to be told.
func (s *store) leave(sid string) (session, []string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gone, found := s.sessions[sid]
	if !found {
		return session{}, nil, false
	}
	delete(s.sessions, sid)
	maps.DeleteFunc(s.tokens, func(_ string, one *grant) bool { return one.sid == sid })
	maps.DeleteFunc(s.codes, func(_ string, one *grant) bool { return one.sid == sid })
	return *gone, slices.Sorted(maps.Keys(gone.clients)), true
}

// everybody lists the sessions, the newest first.
func (s *store) everybody(now time.Time) []session {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
	var all []session
	for _, one := range s.sessions {
		all = append(all, *one)
	}
	slices.SortFunc(all, func(a, b session) int { return b.Since.Compare(a.Since) })
	return all
}

// allow makes a code for a grant. The session may have ended meanwhile.
func (s *store) allow(given grant, now time.Time) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	owner := s.sessions[given.sid]
	if owner == nil {
		return "", false
	}
	owner.clients[given.client] = true
	code := rand.Text() + rand.Text()
	given.issued = now
	s.codes[code] = &given
	s.sweep(now)
	return code, true
}

// redeem spends a code of the client. check looks at the rest of what was sent; a code
// is spent whether or not that is right. A code used before takes back what it gave.
func (s *store) redeem(code, client string, now time.Time, check func(grant) bool) (given grant, token string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
	known := s.codes[code]
	switch {
	case known == nil || known.client != client:
		return grant{}, "", false
	case known.spent:
		delete(s.tokens, known.token)
		return grant{}, "", false
	}
	known.spent = true
	if now.Sub(known.issued) > codeLife || !check(*known) {
		return grant{}, "", false
	}
	known.token = rand.Text() + rand.Text()
	held := *known
	held.issued = now
	s.tokens[known.token] = &held
	return held, known.token, true
}

// bearer is the grant of an access token.
func (s *store) bearer(token string, now time.Time) (grant, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
	held := s.tokens[token]
	if held == nil {
		return grant{}, false
	}
	return *held, true
}

// note adds a line to the journal of deliveries.
func (s *store) note(line Delivery) *Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := &line
	s.journal = append(s.journal, kept)
	if len(s.journal) > maxJournal {
		s.journal = s.journal[1:]
	}
	return kept
}

func (s *store) change(line *Delivery, state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	line.State = state
}

// deliveries lists the journal, the newest first.
func (s *store) deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []Delivery
	for _, line := range slices.Backward(s.journal) {
		lines = append(lines, *line)
	}
	return lines
}
