package town

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Comment is what somebody said under a post.
type Comment struct {
	Post      int
	Parent    int // the comment it answers, or -1
	Person    int
	Official  bool // in the name of the public
	Text      string
	CreatedAt time.Time
}

const (
	talkative   = 80 // residents who say most of what is said
	firstReply  = 5 * time.Hour
	firstRemark = 16 * time.Hour
)

// talk makes people speak. No two comments are the same.
type talk struct {
	c      *content
	random *rand.Rand
	now    time.Time
	people []Person
	active []int
	said   map[string]bool
}

// activePeople chooses who comments. Two of the demo people do as well.
func activePeople(random *rand.Rand, people []Person) []int {
	var active []int
	var residents []int
	for i, p := range people {
		switch {
		case p.Demo && len(p.Grants) == 0:
			active = append(active, i)
		case !p.Demo && p.Confirmed && len(p.Grants) == 0:
			residents = append(residents, i)
		}
	}
	random.Shuffle(len(residents), func(a, b int) { residents[a], residents[b] = residents[b], residents[a] })
	return append(active, residents[:talkative]...)
}

// speaker is somebody of the active, those in front more often, who is none of
// the people excluded and of the sex asked for ("" is any).
func (t *talk) speaker(sex string, except ...int) int {
	for {
		place := min(int(t.random.ExpFloat64()*float64(len(t.active))/3), len(t.active)-1)
		person := t.active[place]
		if slices.Contains(except, person) || (sex == he && t.people[person].Female) || (sex == she && !t.people[person].Female) {
			continue
		}
		return person
	}
}

// What a comment may begin with: who has to speak it.
const (
	he       = "(он) "
	she      = "(она) "
	official = "@"
)

// under makes the comments of a post, oldest first: the threads written for it,
// and remarks that fit anywhere.
func (t *talk) under(place int, post Post, editor int, threads [][]string) ([]Comment, error) {
	all := slices.Clone(threads)
	remarks := t.c.Talk.under(post.Kind)
	for _, which := range t.random.Perm(len(remarks))[:2+t.random.IntN(3)] {
		thread := []string{remarks[which]}
		for t.random.IntN(100) < 38 && len(thread) < 3 {
			thread = append(thread, pick(t.random, t.c.Talk.Answers))
		}
		all = append(all, thread)
	}
	var comments []Comment
	for _, thread := range all {
		said, err := t.thread(place, post, editor, thread)
		if err != nil {
			return nil, err
		}
		for i := range said {
			if i > 0 {
				said[i].Parent = len(comments)
			}
		}
		comments = append(comments, said...)
	}
	return inOrder(comments), nil
}

// thread makes one comment and the replies to it.
func (t *talk) thread(place int, post Post, editor int, grammars []string) ([]Comment, error) {
	var said []Comment
	at, usual := post.PublishedAt, firstRemark
	for i, grammar := range grammars {
		comment := Comment{Post: place, Parent: -1}
		grammar, speaker := t.cast(grammar, editor, said)
		comment.Person, comment.Official = speaker, speaker == editor
		text, err := t.utter(grammar, comment, at)
		if err != nil {
			return nil, err
		}
		if text == "" {
			return said, nil // all that could be said here was said before
		}
		comment.Text = text
		at = after(t.random, at, t.now, usual)
		comment.CreatedAt = at
		said = append(said, comment)
		usual = firstReply
		if i > 0 {
			usual /= 2
		}
	}
	return said, nil
}

// cast gives a line its speaker: the editor, whoever asked when the public has
// just answered, or somebody new.
func (t *talk) cast(grammar string, editor int, said []Comment) (string, int) {
	if line, found := strings.CutPrefix(grammar, official); found {
		return line, editor
	}
	for _, sex := range []string{he, she} {
		if line, found := strings.CutPrefix(grammar, sex); found {
			return line, t.speaker(sex)
		}
	}
	if n := len(said); n > 1 && said[n-1].Official {
		return grammar, said[0].Person
	}
	var except []int
	for _, c := range said {
		except = append(except, c.Person)
	}
	return grammar, t.speaker("", except...)
}

// utter says a line that nobody said before, or "" when there is none left.
func (t *talk) utter(grammar string, by Comment, at time.Time) (string, error) {
	for range 30 {
		s := newSpeech(t.c, t.random, at)
		s.female = t.people[by.Person].Female
		text, err := s.say(grammar)
		if err != nil {
			return "", fmt.Errorf("comment: %w", err)
		}
		if !t.said[text] {
			t.said[text] = true
			return text, nil
		}
	}
	return "", nil
}

// inOrder sorts comments by time and keeps replies at their parents.
func inOrder(comments []Comment) []Comment {
	order := make([]int, len(comments))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return comments[a].CreatedAt.Compare(comments[b].CreatedAt) })
	now := make([]int, len(comments)) // where a comment stands after sorting
	for to, from := range order {
		now[from] = to
	}
	sorted := make([]Comment, len(comments))
	for to, from := range order {
		sorted[to] = comments[from]
		if parent := comments[from].Parent; parent >= 0 {
			sorted[to].Parent = now[parent]
		}
	}
	return sorted
}
