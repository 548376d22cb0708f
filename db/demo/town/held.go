package town

import "time"

// heldContent is a comment that the automatic stage of moderation holds back.
type heldContent struct {
	Hours float64 // ago
	Text  string
}

// Held is a comment that waits for a moderator.
type Held struct {
	Post      int
	Person    int
	Text      string
	CreatedAt time.Time
}

// held lets residents say under the posts of those days what a moderator has to see
// first.
func held(c *content, now time.Time, t *Town, active []int) []Held {
	var residents []int
	for _, person := range active {
		if !t.People[person].Demo {
			residents = append(residents, person)
		}
	}
	all := make([]Held, len(c.Held))
	for i, h := range c.Held {
		at := now.Add(-time.Duration(h.Hours * float64(time.Hour)))
		all[i] = Held{
			Post:      newestBefore(t.Posts, at, i),
			Person:    residents[i%len(residents)],
			Text:      oneLine(h.Text),
			CreatedAt: at,
		}
	}
	return all
}

// newestBefore is the post that was the newest at a time but for skip others.
func newestBefore(posts []Post, at time.Time, skip int) int {
	for place := len(posts) - 1; place > 0; place-- {
		if posts[place].PublishedAt.After(at) {
			continue
		}
		if skip == 0 {
			return place
		}
		skip--
	}
	return 0
}
