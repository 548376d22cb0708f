package town_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"veche/db/demo/town"
	"veche/domain/accounts"
	"veche/domain/polls"
)

var zone = time.FixedZone("MSK", 3*60*60)

// now is an afternoon.
var now = time.Date(2026, 11, 21, 14, 30, 0, 0, zone)

func build(t *testing.T, seed uint64, at time.Time) *town.Town {
	t.Helper()
	made, err := town.Build(seed, at, accounts.Demo())
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestSameSeedIsSameTown(t *testing.T) {
	t.Parallel()
	if !reflect.DeepEqual(build(t, 1, now), build(t, 1, now)) {
		t.Error("two towns of one seed differ")
	}
	if reflect.DeepEqual(build(t, 1, now), build(t, 2, now)) {
		t.Error("two seeds give the same town")
	}
}

func TestTownIsLargeEnoughToLookAlive(t *testing.T) {
	t.Parallel()
	made := build(t, 1, now)
	ballots, open := 0, 0
	for _, p := range made.Polls {
		ballots += len(p.Ballots)
		if p.Status == polls.Open {
			open++
		}
	}
	speakers := map[int]bool{}
	for _, c := range made.Comments {
		speakers[c.Person] = true
	}
	for what, count := range map[string]struct{ have, want int }{
		"people":           {len(made.People), 2400},
		"polls":            {len(made.Polls), 14},
		"open polls":       {open, 8},
		"ballots":          {ballots, 5000},
		"publics":          {len(made.Publics), 6},
		"posts":            {len(made.Posts), 60},
		"comments":         {len(made.Comments), 400},
		"people who speak": {len(speakers), 30},
		"likes":            {len(made.Reactions), 1000},
	} {
		if count.have < count.want {
			t.Errorf("%s: %d, want at least %d", what, count.have, count.want)
		}
	}
}

func TestPeopleHaveNamesThatAgree(t *testing.T) {
	t.Parallel()
	emails := map[string]bool{}
	for _, p := range build(t, 1, now).People {
		if emails[p.Email] || !strings.HasSuffix(p.Email, "@demo.test") || strings.ToLower(p.Email) != p.Email {
			t.Errorf("%s has the address %s", p.Name, p.Email)
		}
		emails[p.Email] = true
		names := strings.Fields(p.Name)
		if p.Demo {
			continue
		}
		if len(names) != 3 {
			t.Fatalf("a name of %d parts: %s", len(names), p.Name)
		}
		father, surname := names[1], names[2]
		if p.Female != strings.HasSuffix(father, "вна") || p.Female == strings.HasSuffix(father, "вич") {
			t.Errorf("female %v: %s", p.Female, p.Name)
		}
		masculine := regexp.MustCompile(`(ов|ев|ёв|ин|ын|ий|ый|ой)$`).MatchString(surname)
		feminine := regexp.MustCompile(`(ова|ева|ёва|ина|ына|ая)$`).MatchString(surname)
		if (p.Female && masculine) || (!p.Female && feminine) {
			t.Errorf("female %v: %s", p.Female, p.Name)
		}
	}
}

func TestVotes(t *testing.T) {
	t.Parallel()
	made := build(t, 1, now)
	confirmed := 0
	for _, p := range made.People {
		if p.Confirmed {
			confirmed++
		}
	}
	states := map[polls.Status]int{}
	soonest := 24 * time.Hour
	for _, p := range made.Polls {
		states[p.Status]++
		if p.Status == polls.Open {
			soonest = min(soonest, p.ClosesAt.Sub(now))
		}
		if p.Status == polls.Scheduled && (len(p.Ballots) != 0 || p.Electorate != 0 || !p.OpensAt.After(now)) {
			t.Errorf("%q is scheduled for %s with %d ballots", p.Question, p.OpensAt, len(p.Ballots))
		}
		if p.Status != polls.Scheduled && (p.Electorate != confirmed || len(p.Ballots) < 150) {
			t.Errorf("%q: %d ballots of %d, %d are confirmed", p.Question, len(p.Ballots), p.Electorate, confirmed)
		}
		if len(p.Options) < 2 || len(p.Options) > 6 || p.AnnouncedAt.After(p.OpensAt) || p.AnnouncedAt.After(now) {
			t.Errorf("%q has %d options, was announced at %s", p.Question, len(p.Options), p.AnnouncedAt)
		}
		voted := map[int]bool{}
		for _, b := range p.Ballots {
			who := made.People[b.Person]
			switch {
			case voted[b.Person]:
				t.Fatalf("%s voted twice in %q", who.Name, p.Question)
			case !who.Confirmed, who.Demo && p.Status == polls.Open:
				t.Fatalf("%s must not have voted in %q", who.Name, p.Question)
			case b.CastAt.Before(p.OpensAt), b.CastAt.After(p.ClosesAt), b.CastAt.After(now), b.CastAt.Before(who.CreatedAt):
				t.Fatalf("a ballot of %q was cast at %s", p.Question, b.CastAt)
			}
			voted[b.Person] = true
		}
	}
	if states[polls.Open] < 8 || states[polls.Scheduled] < 2 || states[polls.Closed] < 4 {
		t.Errorf("states: %v", states)
	}
	if soonest < 30*time.Minute || soonest > time.Hour {
		t.Errorf("the next poll closes in %s", soonest)
	}
}

func TestPeopleVoteByDay(t *testing.T) {
	t.Parallel()
	var hours [24]int
	for _, p := range build(t, 1, now).Polls {
		for _, b := range p.Ballots {
			hours[b.CastAt.In(zone).Hour()]++
		}
	}
	night := hours[1] + hours[2] + hours[3] + hours[4]
	evening := hours[18] + hours[19] + hours[20] + hours[21]
	if night*8 > evening {
		t.Errorf("%d voted at night and %d in the evening", night, evening)
	}
}

func TestNoTwoPostsReadTheSame(t *testing.T) {
	t.Parallel()
	made := build(t, 1, now)
	titles, paragraphs := map[string]bool{}, map[string]string{}
	shingles := make([]map[string]bool, len(made.Posts))
	for i, p := range made.Posts {
		if titles[p.Title] {
			t.Errorf("two posts are called %q", p.Title)
		}
		titles[p.Title] = true
		parts := strings.Split(p.Body, "\n\n")
		if len(parts) < 2 || len(parts) > 6 {
			t.Errorf("%q has %d paragraphs", p.Title, len(parts))
		}
		for _, paragraph := range parts {
			if other, taken := paragraphs[paragraph]; taken {
				t.Errorf("%q and %q share a paragraph: %s", other, p.Title, paragraph)
			}
			paragraphs[paragraph] = p.Title
		}
		shingles[i] = shinglesOf(p.Body)
		for k := range i {
			if same := overlap(shingles[i], shingles[k]); same > 0.5 {
				t.Errorf("%q and %q share %.0f %% of their phrases", made.Posts[k].Title, p.Title, same*100)
			}
		}
	}
}

// shinglesOf are all runs of four words.
func shinglesOf(text string) map[string]bool {
	words, all := strings.Fields(text), map[string]bool{}
	for i := 0; i+4 <= len(words); i++ {
		all[strings.Join(words[i:i+4], " ")] = true
	}
	return all
}

func overlap(a, b map[string]bool) float64 {
	both := 0
	for s := range a {
		if b[s] {
			both++
		}
	}
	return float64(both) / float64(min(len(a), len(b)))
}

func TestPostsAndTalkFollowTime(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{now, time.Date(2026, 7, 1, 0, 20, 0, 0, zone)} {
		made := build(t, 1, at)
		today := 0
		for i, p := range made.Posts {
			if p.PublishedAt.After(at) || p.PublishedAt.Before(at.AddDate(0, 0, -92)) || (i > 0 && p.PublishedAt.Before(made.Posts[i-1].PublishedAt)) {
				t.Errorf("%q is published at %s", p.Title, p.PublishedAt)
			}
			if p.PublishedAt.YearDay() == at.YearDay() {
				today++
			}
		}
		if today < 3 {
			t.Errorf("%d posts of today", today)
		}
		for i, c := range made.Comments {
			post := made.Posts[c.Post]
			if c.CreatedAt.Before(post.PublishedAt) || c.CreatedAt.After(at) {
				t.Errorf("%q is said at %s under a post of %s", c.Text, c.CreatedAt, post.PublishedAt)
			}
			if c.Official != (c.Person == made.Publics[post.Public].Editor) {
				t.Errorf("official is %v: %q", c.Official, c.Text)
			}
			if c.Parent < 0 {
				continue
			}
			parent := made.Comments[c.Parent]
			if c.Parent >= i || parent.Parent >= 0 || parent.Post != c.Post || c.CreatedAt.Before(parent.CreatedAt) {
				t.Errorf("%q cannot answer %q", c.Text, parent.Text)
			}
		}
	}
}

func TestFirstPostHasATalk(t *testing.T) {
	t.Parallel()
	made := build(t, 1, now)
	if slug := made.Publics[made.Posts[0].Public].Slug; slug != "dvor" {
		t.Errorf("the first post is of %s", slug)
	}
	if first := made.Comments[0]; first.Post != 0 || first.Parent >= 0 {
		t.Errorf("the first comment is %+v", first)
	}
	vera := made.People[made.Publics[0].Editor]
	if vera.Email != "vera@demo.test" {
		t.Errorf("«Двор и улица» is edited by %s", vera.Email)
	}
}

func TestLikesAreOnePerPerson(t *testing.T) {
	t.Parallel()
	made := build(t, 1, now)
	type like struct{ post, person int }
	seen := map[like]bool{}
	for _, r := range made.Reactions {
		if one := (like{r.Post, r.Person}); seen[one] {
			t.Fatalf("person %d likes post %d twice", r.Person, r.Post)
		} else {
			seen[one] = true
		}
		if r.ReactedAt.Before(made.Posts[r.Post].PublishedAt) || r.ReactedAt.After(now) {
			t.Errorf("a like at %s", r.ReactedAt)
		}
	}
}

func TestPostsAreReadByThoseWhoLikeThemAndUpToNow(t *testing.T) {
	t.Parallel()
	made := build(t, 1, now)
	type cell struct {
		post int
		hour time.Time
	}
	views, lately := map[cell]int64{}, 0
	for _, r := range made.Readings {
		at := cell{r.Post, r.Hour.UTC()}
		if views[at] != 0 {
			t.Fatalf("post %d has two rows at %s", r.Post, r.Hour)
		}
		views[at] = r.Views
		published := made.Posts[r.Post].PublishedAt
		if r.Hour.After(now) || r.Hour.Add(time.Hour).Before(published) || r.Views <= 0 || r.Seconds < r.Views {
			t.Errorf("post %d of %s: %+v", r.Post, published, r)
		}
		if now.Sub(r.Hour) < 12*time.Hour {
			lately++
		}
	}
	for _, r := range made.Reactions {
		if at := (cell{r.Post, r.ReactedAt.Truncate(time.Hour).UTC()}); views[at] == 0 {
			t.Errorf("post %d is liked at %s and not read", r.Post, at.hour)
		}
	}
	if lately < len(made.Posts) {
		t.Errorf("%d posts have %d hours of today", len(made.Posts), lately)
	}
	t.Logf("%d hours", len(made.Readings))
}

// Slots, alternatives and joined words must not be left in what people read, and
// every letter is one code point (NFC).
// A preposition said twice is the mark of a slot in the wrong case.
var leftOver = regexp.MustCompile(`[{}\[\]|_]|\s{2}|\s[,.;:!?]|[,;:]{2}|^\p{Ll}|(?i)(?:^| )(?:в|на|по|из|через|до) (?:в|на|по) `)

func TestTextsAreClean(t *testing.T) {
	t.Parallel()
	made := build(t, 1, now)
	check := func(what, text string) {
		if !norm.NFC.IsNormalString(text) {
			t.Errorf("%s is not in NFC: %q", what, text)
		}
		if found := leftOver.FindString(text); found != "" {
			t.Errorf("%s holds %q: %s", what, found, text)
		}
		if strings.TrimSpace(text) != text || text == "" {
			t.Errorf("%s has white space around it: %q", what, text)
		}
	}
	for _, p := range made.People {
		check("a name", p.Name)
	}
	for _, p := range made.Publics {
		check("a public", p.Name)
		check("a public", p.About)
	}
	for _, p := range made.Posts {
		check("a title", p.Title)
		for _, paragraph := range strings.Split(p.Body, "\n\n") {
			check("a paragraph of "+p.Title, paragraph)
		}
	}
	said := map[string]bool{}
	for _, c := range made.Comments {
		check("a comment", c.Text)
		if said[c.Text] {
			t.Errorf("said twice: %s", c.Text)
		}
		said[c.Text] = true
	}
	for _, p := range made.Polls {
		for _, text := range append([]string{p.Question, p.Description, p.Topic}, p.Options...) {
			check("a poll", text)
		}
	}
}
