package statistics_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"veche/db"
	"veche/db/given"
	publicsdb "veche/db/publics"
	statisticsdb "veche/db/statistics"
	"veche/domain/accounts"
	"veche/domain/event"
	"veche/domain/publics"
	"veche/domain/statistics"
	publicsweb "veche/handlers/publics"
	statisticsweb "veche/handlers/statistics"
	"veche/handlers/webtest"
	"veche/hub/hubtest"
)

const patience = 20 * time.Second

// town is a site with posts and what is heard of their readers.
type town struct {
	*webtest.Site
	t     *testing.T
	store *statisticsdb.Store
}

func site(t *testing.T) *town {
	t.Helper()
	w := &town{t: t}
	w.Site = webtest.New(t, func(s *webtest.Site) {
		w.store = statisticsdb.New(s.DB, time.FixedZone("MSK", 3*60*60))
		recorder := statisticsdb.NewRecorder(w.store, slog.New(slog.NewTextHandler(t.Output(), nil)), nil)
		ctx, stop := context.WithCancel(context.Background())
		var recording sync.WaitGroup
		recording.Go(func() { _ = recorder.Run(ctx) })
		t.Cleanup(func() { stop(); recording.Wait() })
		web := statisticsweb.New(w.store, recorder)
		web.Live(s.Server)
		s.Server.Mount(web.Routes())
		posts := publicsweb.New(publicsdb.New(s.DB))
		posts.ReadBy(web)
		posts.Live(s.Server)
		s.Server.Mount(posts.Routes())
	})
	return w
}

// post makes a public with one published post.
func (w *town) post(slug string) publics.PostID {
	w.t.Helper()
	author := given.Residents(w.t, w.DB, 1)[0]
	var id publics.PostID
	err := w.DB.InTx(w.t.Context(), func(tx *db.Tx) error {
		return tx.Get(w.t.Context(), &id, `
			WITH public AS (
				INSERT INTO publics (slug, name, posts) VALUES ($1, 'Двор и улица', 1) RETURNING id
			)
			INSERT INTO posts (public_id, author_id, kind, title, body, state, published_at)
			SELECT id, $2, 'news', 'Новая скамейка', 'Стоит.', 'published', now() FROM public
			RETURNING id`, slug, author.Account)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func path(slug string, id publics.PostID) string {
	return fmt.Sprintf("/publics/%s/posts/%d", slug, id)
}

func (w *town) editor(slug string) *webtest.Browser {
	browser, _ := w.Person(accounts.Grant{Role: accounts.RoleEditor, Scope: "public:" + slug})
	return browser
}

// awaitFigures waits until a post has been read so often.
func (w *town) awaitFigures(id publics.PostID, what string, fits func(statistics.Figures) bool) statistics.Figures {
	w.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		_, found, err := w.store.Figures(w.t.Context(), []publics.PostID{id})
		if err != nil {
			w.t.Fatal(err)
		}
		if fits(found[id]) {
			return found[id]
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("waited in vain for %s: %+v", what, found[id])
		}
	}
}

func TestEveryReaderIsOneViewHoweverOftenTheyOpenThePost(t *testing.T) {
	t.Parallel()
	w := site(t)
	post := w.post("dvor")
	const guests, times = 12, 3
	var all sync.WaitGroup
	for range guests {
		guest := w.Guest()
		all.Go(func() {
			for range times {
				if status := guest.Get(path("dvor", post)).Status; status != http.StatusOK {
					t.Errorf("a guest gets %d", status)
				}
			}
		})
	}
	// One person in two sessions is one reader.
	actor, token := given.Person(t, w.DB)
	for _, session := range []accounts.Token{token, given.Session(t, w.DB, actor)} {
		all.Go(func() { w.With(session).Get(path("dvor", post)) })
	}
	all.Wait()
	w.awaitFigures(post, "all views", func(f statistics.Figures) bool { return f.Views >= guests+1 })

	// What nobody looks at is no view; that of one more guest closes the count.
	for name, value := range map[string]string{
		"Sec-Purpose": "prefetch;prerender",
		"Purpose":     "prefetch",
		"Hx-Request":  "true",
		"User-Agent":  "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
	} {
		idle := w.Guest()
		idle.Header.Set(name, value)
		idle.Get(path("dvor", post))
	}
	head, err := http.Head(w.URL + path("dvor", post))
	if err != nil || head.StatusCode != http.StatusOK {
		t.Fatalf("HEAD: %v (%v)", head, err)
	}
	_ = head.Body.Close()
	editor := w.editor("dvor")
	editor.Get(path("dvor", post) + "/statistics")
	w.Guest().Get(path("dvor", post))
	f := w.awaitFigures(post, "the last guest", func(f statistics.Figures) bool { return f.Views > guests+1 })
	if f.Views != guests+2 {
		t.Errorf("%d views of %d readers", f.Views, guests+2)
	}
	var kept []string
	if err := w.DB.Read(t.Context(), func(r *db.Snapshot) error {
		return r.Select(t.Context(), &kept, `SELECT reader FROM post_readers`)
	}); err != nil {
		t.Fatal(err)
	}
	for _, reader := range kept {
		if len(reader) != 22 || strings.Contains(reader, actor.Public) {
			t.Errorf("a reader is kept as %q", reader)
		}
	}
}

func TestProgramsThatWalkTheWebAreNoReaders(t *testing.T) {
	t.Parallel()
	w := site(t)
	post := w.post("dvor")
	visit := func(agent string) {
		t.Helper()
		guest := w.Guest()
		guest.Header.Set("User-Agent", agent)
		if page := guest.Get(path("dvor", post)); page.Status != http.StatusOK || page.Find("h1").Length() != 1 {
			t.Errorf("%q gets %d", agent, page.Status)
		}
	}
	for _, agent := range []string{
		"",
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
		"Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
		"Mozilla/5.0 (compatible; Baiduspider/2.0)",
		"Apache-Nutch-Crawler/1.19",
		"TelegramBot (like TwitterBot)",
		"vkShare; (+http://vk.com/dev/Share) LinkPreview",
	} {
		visit(agent)
	}
	readers := []string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
		"Mozilla/5.0 (Linux; Android 12; CUBOT P60) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 YaBrowser/25.8 Mobile Safari/537.36",
	}
	for _, agent := range readers {
		visit(agent)
	}
	f := w.awaitFigures(post, "the readers", func(f statistics.Figures) bool { return f.Views >= int64(len(readers)) })
	if f.Views != int64(len(readers)) {
		t.Errorf("%d views of %d readers", f.Views, len(readers))
	}
}

// One person in two places is one reader, before and after a break; a guest who
// signs in is known as another, for nothing leads from a person to what they read
// before they said who they are.
func TestReaderIsAPersonOrABrowserOfAGuest(t *testing.T) {
	t.Parallel()
	w := site(t)
	post, other := w.post("dvor"), w.post("park")
	actor, phone := given.Person(t, w.DB)
	w.With(phone).Get(path("dvor", post))
	w.With(given.Session(t, w.DB, actor)).Get(path("dvor", post))
	browser := w.Guest()
	browser.Get(path("dvor", post))
	browser.Get(path("dvor", post))
	browser.SignIn(phone)
	browser.Get(path("dvor", post))
	w.awaitFigures(post, "two readers", func(f statistics.Figures) bool { return f.Views == 2 })

	// The same browser, which nobody has read the other post with.
	browser.Get(path("park", other))
	w.Guest().Get(path("park", other))
	w.awaitFigures(other, "two readers of the other post", func(f statistics.Figures) bool { return f.Views == 2 })
	if f := w.awaitFigures(post, "its figures", func(statistics.Figures) bool { return true }); f.Views != 2 {
		t.Errorf("%d views of a person and a guest", f.Views)
	}
}

// An editor whose right is withdrawn while they watch sees nothing move any more.
func TestStatisticsStopMovingForAnEditorWhoseRightIsWithdrawn(t *testing.T) {
	t.Parallel()
	w := site(t)
	post := w.post("dvor")
	grant := accounts.Grant{Role: accounts.RoleEditor, Scope: "public:dvor"}
	actor, token := given.Person(t, w.DB, grant)
	_, watching := w.follow(token, path("dvor", post)+"/statistics")
	w.Guest().Get(path("dvor", post))
	awaitRegion(watching, statistics.TotalsOf(post), `<p class="stat-value" data-number>1</p>`)

	admin, _ := given.Person(t, w.DB, accounts.Grant{Role: accounts.RoleAdmin})
	began := time.Now()
	if err := w.Accounts.Revoke(t.Context(), admin, actor.Public, grant.Role, grant.Scope); err != nil {
		t.Fatal(err)
	}
	if code := watching.AwaitEnd(); code != websocket.StatusPolicyViolation {
		t.Errorf("the socket ends with %d", code)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("it goes on for %v", took)
	}
	if page := w.With(token).Get(path("dvor", post) + "/statistics"); page.Status != http.StatusForbidden || page.Find("main [data-live]").Length() != 0 {
		t.Errorf("the page is answered with %d", page.Status)
	}
}

func TestStatisticsAreShownToTheEditorsOfThePublicOnly(t *testing.T) {
	t.Parallel()
	w := site(t)
	post := w.post("dvor")
	w.post("park")
	address := path("dvor", post) + "/statistics"
	citizen, _ := w.Person()
	for name, c := range map[string]struct {
		who    *webtest.Browser
		path   string
		status int
	}{
		"guest":                 {w.Guest(), address, http.StatusSeeOther},
		"citizen":               {citizen, address, http.StatusForbidden},
		"another's editor":      {w.editor("park"), address, http.StatusForbidden},
		"editor":                {w.editor("dvor"), address, http.StatusOK},
		"nonsense":              {w.editor("dvor"), "/publics/dvor/posts/x/statistics", http.StatusNotFound},
		"a post of another":     {w.editor("park"), path("park", post) + "/statistics", http.StatusNotFound},
		"a post that is absent": {w.editor("dvor"), path("dvor", 999) + "/statistics", http.StatusNotFound},
	} {
		page := c.who.Get(c.path)
		if page.Status != c.status {
			t.Errorf("%s: %d, want %d", name, page.Status, c.status)
		}
		if regions := page.Find("main [data-live]").Length(); (regions > 0) != (c.status == http.StatusOK) {
			t.Errorf("%s: %d regions", name, regions)
		}
		links := c.who.Get(path("dvor", post)).Find(`a[href="` + address + `"]`).Length()
		if mayRead := name == "editor" || name == "nonsense" || name == "a post that is absent"; (links == 1) != mayRead {
			t.Errorf("%s: %d links on the post's page", name, links)
		}
	}
}

// follow opens a page with its socket, which follows all its regions.
func (w *town) follow(token accounts.Token, path string) (*webtest.Answer, *hubtest.Page) {
	w.t.Helper()
	page := w.With(token).Get(path)
	socket := hubtest.OpenPage(w.t, w.URL+"/live", &websocket.DialOptions{
		HTTPHeader: http.Header{"Cookie": {"session=" + string(token)}, "Origin": {w.URL}},
	})
	for _, element := range page.Find("main [data-live]").EachIter() {
		region := event.Region(element.AttrOr("data-live", ""))
		if _, ok := socket.Join(region, element.AttrOr("data-version", ""), element.AttrOr("data-pass", "")); !ok {
			w.t.Fatalf("%s: %s is not to be followed", path, region)
		}
	}
	return page, socket
}

// awaitRegion waits for a drawing of a region that contains a text.
func awaitRegion(socket *hubtest.Page, region event.Region, text string) {
	socket.Await(fmt.Sprintf("%s with %q", region, text), func(message string) bool {
		for _, frame := range strings.Split(message, "<hx-partial ") {
			if strings.Contains(frame, `data-live="`+string(region)+`"`) && strings.Contains(frame, text) {
				return true
			}
		}
		return false
	})
}

func TestEditorsPageMovesWithWhatReadersDo(t *testing.T) {
	t.Parallel()
	w := site(t)
	post := w.post("dvor")
	_, editor := given.Person(t, w.DB, accounts.Grant{Role: accounts.RoleEditor, Scope: "public:dvor"})
	page, watching := w.follow(editor, path("dvor", post)+"/statistics")
	if text := page.Find("#viewers-" + fmt.Sprint(post) + "-now .stat-value").Text(); text != "0" {
		t.Errorf("before anybody reads, %q do", text)
	}
	_, token := given.Person(t, w.DB)
	_, reading := w.follow(token, path("dvor", post))
	awaitRegion(reading, statistics.HereOf(post), "Сейчас читают: 1")
	awaitRegion(watching, statistics.NowOf(post), `<p class="stat-value" data-number>1</p>`)
	awaitRegion(watching, statistics.TotalsOf(post), `<p class="stat-value" data-number>1</p>`)
	awaitRegion(watching, statistics.HoursOf(post), `<td class="numeric">1</td>`)
	awaitRegion(watching, statistics.CurveOf(post), "chart-line")

	reading.Send(fmt.Sprintf(`{"beat":{%q:1,"post:%d":1}}`, statistics.TopicViewers(post), post))
	awaitRegion(watching, statistics.TotalsOf(post), "1 с")
	if f := w.awaitFigures(post, "a second", func(f statistics.Figures) bool { return f.Seconds > 0 }); f.Seconds != 1 {
		t.Errorf("%d seconds were read", f.Seconds)
	}

	// What publics announce of a post moves its figures too.
	err := w.DB.InTx(t.Context(), func(tx *db.Tx) error {
		if _, err := tx.Exec(t.Context(), `INSERT INTO post_counts (post_id, shard, likes) VALUES ($1, 0, 41)`, post); err != nil {
			return err
		}
		return tx.Emit(t.Context(), publics.Reacted{Post: post, Account: "anna"})
	})
	if err != nil {
		t.Fatal(err)
	}
	awaitRegion(watching, statistics.FiguresOf(post), ">41<")
	_ = reading.Conn.CloseNow()
	awaitRegion(watching, statistics.NowOf(post), `<p class="stat-value" data-number>0</p>`)
	for _, message := range reading.Messages() {
		if strings.Contains(message, "statistics:") {
			t.Errorf("the reader is sent %q", message)
		}
	}
}
