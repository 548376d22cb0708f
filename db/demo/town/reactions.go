package town

import (
	"math"
	"math/rand/v2"
	"time"
)

// Reaction is a like of a post.
type Reaction struct {
	Post      int
	Person    int
	ReactedAt time.Time
}

const (
	fewLikes  = 16
	manyLikes = 240
	likesSoon = 20 * time.Hour
)

// reactions lets residents like posts. Some posts are liked much more than
// others, and fresh ones have not been found by everybody yet.
func reactions(random *rand.Rand, now time.Time, t *Town) []Reaction {
	var all []Reaction
	for i, post := range t.Posts {
		found := 1 - math.Exp(-now.Sub(post.PublishedAt).Hours()/12)
		likes := 3 + random.IntN(fewLikes) + int(manyLikes*found*math.Pow(random.Float64(), 2.2))
		for _, person := range random.Perm(len(t.People))[:likes] {
			if t.People[person].Demo {
				continue
			}
			all = append(all, Reaction{
				Post:      i,
				Person:    person,
				ReactedAt: after(random, post.PublishedAt, now, likesSoon),
			})
		}
	}
	return all
}
