package town

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"veche/domain/accounts"
	"veche/domain/publics"
)

// Public is an official page.
type Public struct {
	Slug   string
	Name   string
	About  string
	Editor int // who writes for it
}

// Post is something a public has told.
type Post struct {
	Public      int
	Kind        publics.Kind
	Title       string
	Body        string // paragraphs, an empty line between them
	PublishedAt time.Time
}

const (
	postsToday = 6
	postsSpan  = 88 // days back
)

// publicsOf gives every public its editor: the demo person whom the grant names,
// or somebody of the town.
func publicsOf(c *content, people []Person) []Public {
	all := make([]Public, len(c.Publics))
	for i, p := range c.Publics {
		all[i] = Public{Slug: p.Slug, Name: p.Name, About: oneLine(p.About), Editor: editorOf(p.Slug, i, people)}
	}
	return all
}

func editorOf(slug string, place int, people []Person) int {
	scope := publics.Scope(slug)
	next := place
	for i := range people {
		person := &people[i]
		for _, g := range person.Grants {
			if g.Role == accounts.RoleEditor && g.Scope == scope {
				return i
			}
		}
		if person.Demo || !person.Confirmed {
			continue
		}
		if next--; next < 0 && len(person.Grants) == 0 {
			person.Grants = []accounts.Grant{{Role: accounts.RoleEditor, Scope: scope}}
			return i
		}
	}
	return 0
}

// write writes all posts and what is said under them. Posts stand in order of
// time; the oldest is of the first public, so that their first pages can be
// linked to.
func (t *Town) write(c *content, random *rand.Rand, now time.Time, talk *talk) error {
	tellings := tellingsOf(c, random)
	titles := map[string]bool{}
	for i, at := range publishing(random, now, len(tellings)) {
		one := tellings[i]
		post, err := tell(c, random, one.plot, one.public, at, titles)
		if err != nil {
			return fmt.Errorf("public %s: %w", c.Publics[one.public].Slug, err)
		}
		t.Posts = append(t.Posts, post)
		comments, err := talk.under(len(t.Posts)-1, post, t.Publics[one.public].Editor, one.threads)
		if err != nil {
			return fmt.Errorf("public %s: %w", c.Publics[one.public].Slug, err)
		}
		t.append(comments)
	}
	return nil
}

// telling is one time that a plot is told, with its share of the plot's threads.
type telling struct {
	public  int
	plot    *plot
	threads [][]string
	order   float64 // when, from 0 to 1
}

// tellingsOf deals out all plots, so that every public speaks now and then.
func tellingsOf(c *content, random *rand.Rand) []telling {
	var all []telling
	for i := range c.Publics {
		var own []telling
		for k := range c.Publics[i].Plots {
			p := &c.Publics[i].Plots[k]
			times := max(p.Times, 1)
			threads := slices.Clone(p.Threads)
			random.Shuffle(len(threads), func(a, b int) { threads[a], threads[b] = threads[b], threads[a] })
			for n := range times {
				share := threads[len(threads)*n/times : len(threads)*(n+1)/times]
				own = append(own, telling{public: i, plot: p, threads: share})
			}
		}
		random.Shuffle(len(own), func(a, b int) { own[a], own[b] = own[b], own[a] })
		for n := range own {
			own[n].order = (float64(n) + random.Float64()) / float64(len(own))
		}
		all = append(all, own...)
	}
	slices.SortFunc(all, func(a, b telling) int { return cmp.Compare(a.order, b.order) })
	first := slices.IndexFunc(all, func(one telling) bool { return one.public == 0 })
	all[0], all[first] = all[first], all[0]
	return all
}

// append adds the comments of one post, whose parents count from its first.
func (t *Town) append(comments []Comment) {
	first := len(t.Comments)
	for _, comment := range comments {
		if comment.Parent >= 0 {
			comment.Parent += first
		}
		t.Comments = append(t.Comments, comment)
	}
}

func tell(c *content, random *rand.Rand, p *plot, public int, at time.Time, titles map[string]bool) (Post, error) {
	kind, ok := publics.ParseKind(p.Kind)
	if !ok {
		return Post{}, fmt.Errorf("there is no kind %q of posts", p.Kind)
	}
	for range 50 {
		s := newSpeech(c, random, at)
		title, err := s.say(pick(random, p.Titles))
		if err != nil {
			return Post{}, err
		}
		if titles[title] {
			continue
		}
		titles[title] = true
		paragraphs := make([]string, len(p.Paragraphs))
		for i, grammar := range p.Paragraphs {
			if paragraphs[i], err = s.say(grammar); err != nil {
				return Post{}, err
			}
		}
		return Post{
			Public:      public,
			Kind:        kind,
			Title:       title,
			Body:        strings.Join(paragraphs, "\n\n"),
			PublishedAt: at,
		}, nil
	}
	return Post{}, fmt.Errorf("no new title is left of %q", p.Titles)
}

// publishing gives n times, oldest first: office hours of the last three months,
// and several of today.
func publishing(random *rand.Rand, now time.Time, n int) []time.Time {
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	today := min(postsToday, n)
	times := make([]time.Time, 0, n)
	for i := range n - today {
		// Days ago, from 1 to postsSpan, evenly with some disorder.
		days := 1 + (postsSpan-1)*i/max(n-today-1, 1)
		days = min(max(days+random.IntN(3)-1, 1), postsSpan)
		office := 8*60 + random.IntN(11*60)
		times = append(times, midnight.AddDate(0, 0, -days).Add(time.Duration(office)*time.Minute))
	}
	from := now.Add(-9 * time.Hour)
	if from.Before(midnight) {
		from = midnight
	}
	for i := range today {
		// Never within the last minutes, so that somebody could have read it.
		step := now.Sub(from) * 9 / 10 / time.Duration(today)
		times = append(times, from.Add(step*time.Duration(i)+time.Duration(random.Int64N(int64(step)+1))))
	}
	for i := range times {
		times[i] = times[i].Truncate(time.Second)
	}
	slices.SortFunc(times, time.Time.Compare)
	return times
}
