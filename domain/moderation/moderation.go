// Package moderation keeps decent what people say on the portal (MOD-01 … MOD-04).
// Everything a person writes for others goes through a first, automatic stage
// ([Check]); what it suspects waits for a moderator, who takes it for a while, looks
// at it and decides. A decision may be undone for a moment and then takes effect.
package moderation

import (
	"time"

	"veche/domain/problem"
)

// ID is the key of an item of the queue.
type ID int64

// Kind is what sort of thing waits for a decision (MOD-01).
type Kind string

// Comments are what readers say under posts.
const Comments Kind = "comment"

// Suspicion is why the automatic stage holds a text back (MOD-02, MOD-03).
type Suspicion string

// What the automatic stage suspects.
const (
	Abuse     Suspicion = "abuse"     // abusive words
	Links     Suspicion = "links"     // addresses of other sites
	Contacts  Suspicion = "contacts"  // telephone numbers and mail addresses
	Adverts   Suspicion = "adverts"   // words of advertising
	Shouting  Suspicion = "shouting"  // capital letters throughout
	Repeating Suspicion = "repeating" // the same sign again and again
)

// Outcome is what a moderator decided.
type Outcome string

// The two outcomes.
const (
	Allow  Outcome = "allow"
	Refuse Outcome = "refuse"
)

// Ground is the rule that a refused text breaks (MOD-02).
type Ground string

// The grounds for a refusal.
const (
	FalseData   Ground = "false_data"
	Evasion     Ground = "evasion" // attempts to evade identification
	Insult      Ground = "insult"  // abusive or discriminatory words
	Advertising Ground = "advertising"
)

// Grounds lists the grounds in the order in which a form offers them.
var Grounds = []Ground{Insult, Advertising, FalseData, Evasion}

const (
	// DecideWithin is how long a decision may take (MOD-04).
	DecideWithin = 24 * time.Hour
	// LeaseFor is how long a moderator has an item to themselves.
	LeaseFor = 5 * time.Minute
	// UndoFor is how long a decision can be undone before it takes effect.
	UndoFor = 10 * time.Second
)

// ErrNoItem says that the queue has no such item.
var ErrNoItem = problem.New(problem.NotFound, "moderation.problem.no_item")
