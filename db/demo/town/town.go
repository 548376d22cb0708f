// Package town invents a town: its people, what they are asked, what they read
// and what they say. Everything follows from rules, hand-written texts and a
// seed; the same seed at the same moment is the same town, down to the last
// comment. Nobody in it is real.
//
// The package makes values. Storing them is the business of db/demo.
package town

import (
	"hash/fnv"
	"math/rand/v2"
	"time"

	"veche/domain/accounts"
)

// Town is everything there is. Keys are places in these lists, counted from 0.
type Town struct {
	Name      string
	People    []Person // the demo people first
	Polls     []Poll
	Publics   []Public
	Posts     []Post // oldest first
	Comments  []Comment
	Reactions []Reaction
	Held      []Held // the one to be decided first comes first
	Readings  []Reading
}

// Build makes the town as it is at now, whose location is the town's time zone.
func Build(seed uint64, now time.Time, demo []accounts.DemoPerson) (*Town, error) {
	c, err := load()
	if err != nil {
		return nil, err
	}
	t := &Town{Name: c.Town}
	t.People = demoPeople(stream(seed, "demo people"), now, demo)
	t.People = append(t.People, people(&c, stream(seed, "people"), now)...)
	t.Polls = pollsOf(&c, stream(seed, "polls"), now, t.People)
	t.Publics = publicsOf(&c, t.People)
	talk := &talk{c: &c, random: stream(seed, "talk"), now: now, people: t.People, said: map[string]bool{}}
	talk.active = activePeople(talk.random, t.People)
	if err := t.write(&c, stream(seed, "posts"), now, talk); err != nil {
		return nil, err
	}
	t.Reactions = reactions(stream(seed, "reactions"), now, t)
	t.Held = held(&c, now, t, talk.active)
	t.Readings = readings(stream(seed, "readings"), now, t)
	return t, nil
}

// stream is the randomness of one part of the town. Each part has its own, so
// that a new street does not change who lives where.
func stream(seed uint64, part string) *rand.Rand {
	name := fnv.New64a()
	_, _ = name.Write([]byte(part))
	return rand.New(rand.NewPCG(seed, name.Sum64()))
}
