package event

import "slices"

// Bye withdraws access from the sockets of a topic "session:…" or "account:…".
type Bye string

// Why access is withdrawn: the session ended, or the person's role changed.
const (
	ByeSession Bye = "session"
	ByeRole    Bye = "role"
)

// Change is what travels between processes: the topic, the ids of the items that
// changed, and whether access is withdrawn. A change without IDs concerns
// everything that is shown of the topic.
//
// Traces and At say where the change comes from, for logs and metrics alone: what
// is drawn never depends on them.
type Change struct {
	Topic Topic    `json:"topic"`
	IDs   []string `json:"ids,omitempty"`
	Bye   Bye      `json:"bye,omitempty"`
	// Traces are ids of the requests and jobs the change came from, in order of
	// mention, at most MaxTraces of them. See WithTrace.
	Traces []string `json:"traces,omitempty"`
	// At is when the change was committed, of folded ones the oldest, in Unix
	// milliseconds; 0 when that is not known. It comes from the clock of the
	// process that publishes.
	At int64 `json:"at,omitempty"`
}

// Event is something that happened, told in the past tense.
type Event interface {
	// Name is the area and what happened: "polls.vote_cast".
	Name() string
	// Changes are the topics whose screens the event touches.
	Changes() []Change
}

// Fold leaves one change per topic, in order of first mention, those that
// withdraw access first. IDs are united; a change of everything swallows them.
// Traces are united up to MaxTraces, and the oldest time of commit is kept.
func Fold(changes []Change) []Change {
	at := make(map[Topic]int, len(changes))
	folded := make([]Change, 0, len(changes))
	for _, c := range changes {
		i, seen := at[c.Topic]
		if !seen {
			at[c.Topic] = len(folded)
			c.IDs, c.Traces = slices.Clone(c.IDs), slices.Clone(c.Traces)
			folded = append(folded, c)
			continue
		}
		folded[i] = merge(folded[i], c)
	}
	slices.SortStableFunc(folded, func(a, b Change) int { return urgency(a) - urgency(b) })
	return folded
}

func merge(a, b Change) Change {
	if a.Bye == "" {
		a.Bye = b.Bye
	}
	a.Traces, a.At = UniteTraces(a.Traces, b.Traces), Older(a.At, b.At)
	if len(a.IDs) == 0 || len(b.IDs) == 0 {
		a.IDs = nil
		return a
	}
	for _, id := range b.IDs {
		if !slices.Contains(a.IDs, id) {
			a.IDs = append(a.IDs, id)
		}
	}
	return a
}

func urgency(c Change) int {
	if c.Bye != "" {
		return 0
	}
	return 1
}
