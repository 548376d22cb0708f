package home_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"veche/db/demo"
	"veche/db/given"
	pollsdb "veche/db/polls"
	publicsdb "veche/db/publics"
	accountsweb "veche/handlers/accounts"
	homeweb "veche/handlers/home"
	pollsweb "veche/handlers/polls"
	"veche/handlers/webtest"
)

func site(t *testing.T) *webtest.Site {
	t.Helper()
	return webtest.New(t, func(s *webtest.Site) {
		polls := pollsweb.New(pollsdb.New(s.DB))
		polls.Live(s.Server)
		s.Server.Mount(homeweb.New(polls, publicsdb.New(s.DB)).Routes())
	})
}

func text(page *webtest.Answer, selector string) string {
	return strings.Join(strings.Fields(page.Find(selector).Text()), " ")
}

func TestHomeOfAnEmptyPortalSaysWhatWillBeThere(t *testing.T) {
	t.Parallel()
	s := site(t)
	given.ScheduledPoll(t, s.DB, "Ещё не началось?")
	page := s.Guest().Get("/")
	if page.Status != http.StatusOK || text(page, "main h1") != "Город слышит вас" {
		t.Fatalf("%d %q", page.Status, text(page, "main h1"))
	}
	if page.Find("main .empty").Length() != 2 || page.Find("main .card, main .row").Length() != 0 {
		t.Errorf("%d empty places, %d cards and rows", page.Find("main .empty").Length(), page.Find("main .card, main .row").Length())
	}
	if got := text(page, "main .stats"); !strings.Contains(got, "0") {
		t.Errorf("the pulse says %q", got)
	}
}

func TestHomeGreetsThePersonByTheFirstName(t *testing.T) {
	t.Parallel()
	anna, who := site(t).Person()
	first, _, _ := strings.Cut(who.Name, " ")
	if got := text(anna.Get("/"), "main h1"); first == "" || got != "Здравствуйте, "+first+"!" {
		t.Errorf("%s is greeted with %q", who.Name, got)
	}
}

// Six open polls, the one that ends first before the others, each a region that
// moves by itself.
func TestHomeShowsThePollsThatEndFirst(t *testing.T) {
	t.Parallel()
	s := site(t)
	var expected []string
	for i := range 7 {
		poll := given.OpenPoll(t, s.DB)
		given.ClosesIn(t, s.DB, poll.ID, time.Duration(7-i)*time.Hour)
		if i > 0 {
			expected = append([]string{fmt.Sprintf("/polls/%d", poll.ID)}, expected...)
		}
	}
	page := s.Guest().Get("/")
	var shown []string
	for _, link := range page.Find("main .poll-card .card-title a").EachIter() {
		shown = append(shown, link.AttrOr("href", ""))
	}
	if fmt.Sprint(shown) != fmt.Sprint(expected) {
		t.Errorf("the home page shows %v, want %v", shown, expected)
	}
	live := page.Find("main [data-live]")
	if live.Length() != len(expected)+1 {
		t.Errorf("%d live regions: the pulse and %d cards are expected", live.Length(), len(expected))
	}
	live.Each(func(_ int, region *goquery.Selection) {
		if region.AttrOr("data-pass", "") == "" || region.AttrOr("data-state", "") == "" {
			t.Errorf("%s cannot be joined", region.AttrOr("data-live", ""))
		}
	})
}

func TestHomeShowsTheNewestPosts(t *testing.T) {
	t.Parallel()
	s := site(t)
	if _, err := demo.Seed(t.Context(), s.DB, demo.Options{Now: time.Now()}); err != nil {
		t.Fatal(err)
	}
	latest, err := publicsdb.New(s.DB).Latest(t.Context(), 6)
	if err != nil || len(latest) != 6 {
		t.Fatalf("%d posts (%v)", len(latest), err)
	}
	page := s.Guest().Get("/")
	rows := page.Find("main .row")
	if rows.Length() != len(latest) {
		t.Fatalf("%d posts on the home page", rows.Length())
	}
	for i, post := range latest {
		row := rows.Eq(i)
		link := row.Find(".row-title a")
		if link.Text() != post.Title || link.AttrOr("href", "") != fmt.Sprintf("/publics/%s/posts/%d", post.Slug, post.ID) {
			t.Errorf("post %d is %q, leading to %q", i, link.Text(), link.AttrOr("href", ""))
		}
		if !strings.Contains(row.Text(), post.Name) {
			t.Errorf("%q does not say whose it is", post.Title)
		}
	}
}

// What waits is said to the person it waits for, and to nobody else.
func TestHomeSaysWhatWaitsForThePerson(t *testing.T) {
	t.Parallel()
	s := webtest.New(t, func(s *webtest.Site) {
		polls := pollsweb.New(pollsdb.New(s.DB))
		home := homeweb.New(polls, publicsdb.New(s.DB))
		home.Add(accountsweb.New(s.Accounts, s.Proofs), polls)
		s.Server.Mount(home.Routes())
	})
	poll := given.OpenPoll(t, s.DB)
	anna, who := s.Person()
	_, token := given.Unconfirmed(t, s.DB)
	if got := text(anna.Get("/"), `section[aria-labelledby="home-tasks"]`); !strings.Contains(got, "1 открытое голосование") || strings.Contains(got, "Подтвердите") {
		t.Errorf("a confirmed person is told %q", got)
	}
	if got := text(s.With(token).Get("/"), `section[aria-labelledby="home-tasks"]`); !strings.Contains(got, "Подтвердите электронную почту") || !strings.Contains(got, "Подтвердите учётную запись") || strings.Contains(got, "голосование") {
		t.Errorf("an unconfirmed one is told %q", got)
	}
	if s.Guest().Get("/").Find("#home-tasks").Length() != 0 {
		t.Error("a guest is told what waits")
	}
	if _, err := s.DB.Pool().Exec(t.Context(), `UPDATE accounts SET phone = '+79001112233', phone_confirmed_at = now() WHERE id = $1`, who.Account); err != nil {
		t.Fatal(err)
	}
	given.TimeIsUp(t, s.DB, poll.ID)
	if err := pollsdb.New(s.DB).Close(t.Context(), poll.ID); err != nil {
		t.Fatal(err)
	}
	if got := text(anna.Get("/"), "#home-tasks"); got != "" {
		t.Errorf("nothing waits, and yet %q", got)
	}
}
