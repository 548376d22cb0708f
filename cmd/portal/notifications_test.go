package main

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"veche/cmd/sim/inbox"
	"veche/cmd/sim/mail"
	"veche/db/given"
	notificationsdb "veche/db/notifications"
	pollsdb "veche/db/polls"
	publicsdb "veche/db/publics"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/moderation"
	"veche/domain/notifications"
	"veche/domain/polls"
	"veche/domain/publics"
	notificationsview "veche/views/notifications"
	"veche/views/words"
)

// mailServer runs the relay of the simulated world and answers its box and address.
func mailServer(t *testing.T, config mail.Config) (*inbox.Box, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box := inbox.NewBox(inbox.Ordinary, time.Now)
	relay, err := mail.New(config, listener, box, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- relay.Card().Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the mail server ended with %v", err)
		}
	})
	return box, listener.Addr().String()
}

// relayForAll takes letters from anybody.
var relayForAll mail.Config

// await waits until something is so.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// ofPeople is the store as a test looks into it.
func (p *program) ofPeople() *notificationsdb.Store {
	return notificationsdb.New(p.DB, notificationsdb.Options{Mailer: post{}})
}

// openPoll opens a poll by the job that opens polls.
func (p *program) openPoll(t *testing.T, question string) polls.Poll {
	t.Helper()
	poll := given.ScheduledPoll(t, p.DB, question)
	given.RunJobNow(t, p.DB, pollsdb.OpenArgs{Poll: poll.ID})
	return poll
}

func (p *program) newest(t *testing.T, who access.Actor) *notifications.Notification {
	t.Helper()
	feed, err := p.ofPeople().Feed(t.Context(), who, notifications.Filter{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(feed.Items) == 0 {
		return nil
	}
	return &feed.Items[0]
}

func TestPollThatOpensIsMailedToThoseWhoAskedForLetters(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]mail.Config{
		"without a password": {},
		"with a password":    {User: "portal", Password: "secret of the relay"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box, address := mailServer(t, config)
			site := start(t,
				"VECHE_SMTP_ADDR", address, "VECHE_SMTP_USER", config.User, "VECHE_SMTP_PASSWORD", config.Password,
				"VECHE_PUBLIC_URL", "https://veche.example", "VECHE_MAIL_FROM", "Вече <no-reply@veche.example>")
			anna, _ := given.Person(t, site.DB)
			boris, _ := given.Person(t, site.DB)
			if err := site.ofPeople().Choose(t.Context(), anna, notifications.Settings{Mail: true}); err != nil {
				t.Fatal(err)
			}
			site.openPoll(t, "Где поставить новую скамейку?")
			await(t, "the letter is sent", func() bool {
				item := site.newest(t, anna)
				return item != nil && item.Letter != nil && item.Letter.State == notifications.Sent
			})
			_, to, err := site.ofPeople().Settings(t.Context(), anna)
			if err != nil {
				t.Fatal(err)
			}
			letters := box.Messages(inbox.Filter{})
			if len(letters) != 1 || letters[0].To != to {
				t.Fatalf("%d letters", len(letters))
			}
			letter := letters[0]
			if letter.Subject != "Открыто голосование" || letter.From != "Вече <no-reply@veche.example>" {
				t.Errorf("%q from %q", letter.Subject, letter.From)
			}
			for _, want := range []string{
				"«Где поставить новую скамейку?»",
				"https://veche.example/notifications/" + site.newest(t, anna).ID,
				"https://veche.example/settings/notifications",
			} {
				if !strings.Contains(letter.Text, want) {
					t.Errorf("the letter does not hold %s: %s", want, letter.Text)
				}
			}
			await(t, "Boris is told", func() bool { return site.newest(t, boris) != nil })
			if item := site.newest(t, boris); item.Letter != nil {
				t.Error("a person who asked for no letters is sent one")
			}
		})
	}
}

// The same news, to each in the language of their pages.
func TestLetterIsWrittenInTheLanguageOfItsReader(t *testing.T) {
	t.Parallel()
	box, address := mailServer(t, relayForAll)
	site := start(t, "VECHE_SMTP_ADDR", address)
	subjects := map[string]string{} // by address
	for lang, subject := range map[string]string{"ru": "Открыто голосование", "en": "A poll is open"} {
		who, token := given.Person(t, site.DB)
		if err := site.ofPeople().Choose(t.Context(), who, notifications.Settings{Mail: true}); err != nil {
			t.Fatal(err)
		}
		visitor := client(t, site, token)
		form := url.Values{"csrf": {tokenOf(t, visitor, site)}, "lang": {lang}}
		if status, _, _ := send(t, visitor, http.MethodPost, site.URL+"/settings/language", form, nil); status != http.StatusSeeOther {
			t.Fatalf("the choice of a language is answered %d", status)
		}
		_, to, err := site.ofPeople().Settings(t.Context(), who)
		if err != nil {
			t.Fatal(err)
		}
		subjects[to] = subject
	}
	site.openPoll(t, "Где поставить новую скамейку?")
	await(t, "the letters are sent", func() bool { return len(box.Messages(inbox.Filter{})) == len(subjects) })
	for _, letter := range box.Messages(inbox.Filter{}) {
		if letter.Subject != subjects[letter.To] {
			t.Errorf("%q instead of %q", letter.Subject, subjects[letter.To])
		}
		if strings.Contains(letter.Text, "Здравствуйте") != (letter.Subject == "Открыто голосование") {
			t.Errorf("%q says: %s", letter.Subject, letter.Text)
		}
	}
}

// stubborn is a mail server that takes no reader for good; letters counts who tried.
func stubborn(t *testing.T, answer string) (address string, tries *atomic.Int64) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	tries = new(atomic.Int64)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				fmt.Fprint(conn, "220 stubborn.test\r\n")
				for lines := bufio.NewScanner(conn); lines.Scan(); {
					switch command, _, _ := strings.Cut(lines.Text(), " "); command {
					case "RCPT":
						tries.Add(1)
						fmt.Fprint(conn, answer+"\r\n")
					case "QUIT":
						fmt.Fprint(conn, "221 bye\r\n")
						return
					default:
						fmt.Fprint(conn, "250 fine\r\n")
					}
				}
			}()
		}
	}()
	return listener.Addr().String(), tries
}

func TestLetterThatIsRefusedForGoodIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	address, tries := stubborn(t, "550 5.1.1 no such mailbox")
	site := start(t, "VECHE_SMTP_ADDR", address)
	anna, _ := given.Person(t, site.DB)
	if err := site.ofPeople().Choose(t.Context(), anna, notifications.Settings{Mail: true}); err != nil {
		t.Fatal(err)
	}
	site.openPoll(t, "Где поставить новую скамейку?")
	await(t, "the letter has failed", func() bool {
		item := site.newest(t, anna)
		return item != nil && item.Letter != nil && item.Letter.State == notifications.Failed
	})
	await(t, "its job has ended", func() bool { return site.mailJobs(t)["cancelled"] == 1 })
	if got := tries.Load(); got != 1 {
		t.Errorf("it was tried %d times", got)
	}
}

func TestLetterThatCannotBeTakenNowIsTriedAgain(t *testing.T) {
	t.Parallel()
	address, tries := stubborn(t, "451 4.3.0 <somebody@test.test> come back later")
	site := start(t, "VECHE_SMTP_ADDR", address)
	anna, _ := given.Person(t, site.DB)
	if err := site.ofPeople().Choose(t.Context(), anna, notifications.Settings{Mail: true}); err != nil {
		t.Fatal(err)
	}
	site.openPoll(t, "Где поставить новую скамейку?")
	await(t, "it is tried again", func() bool { return tries.Load() >= 2 })
	if letter := site.newest(t, anna).Letter; letter == nil || letter.State != notifications.Queued {
		t.Errorf("the letter is %+v", letter)
	}
	var kept []string
	err := site.DB.Pool().QueryRow(t.Context(), `
		SELECT coalesce(array_agg(e ->> 'error'), '{}') FROM river_job, unnest(errors) e WHERE kind = 'notifications.mail'`).Scan(&kept)
	if err != nil {
		t.Fatal(err)
	}
	for _, said := range kept {
		if strings.Contains(said, "@") {
			t.Errorf("the job keeps an address: %s", said)
		}
	}
	if len(kept) == 0 {
		t.Error("the job kept no error")
	}
}

// mailJobs counts the jobs that send letters by their state.
func (p *program) mailJobs(t *testing.T) map[string]int {
	t.Helper()
	rows, err := p.DB.Pool().Query(t.Context(), `SELECT state::text, count(*)::int FROM river_job WHERE kind = 'notifications.mail' GROUP BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	counts := map[string]int{}
	for rows.Next() {
		var state string
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			t.Fatal(err)
		}
		counts[state] = n
	}
	return counts
}

// What is composed about a comment goes to its author, with the reason.
func TestAuthorIsToldWhatWasDecidedAboutAComment(t *testing.T) {
	t.Parallel()
	site, _ := town(t)
	compose := composers(pollsdb.New(site.DB), publicsdb.New(site.DB))
	var comment publics.CommentID
	var author accounts.ID
	if err := site.DB.Pool().QueryRow(t.Context(), `SELECT id, author_id FROM comments ORDER BY id LIMIT 1`).Scan(&comment, &author); err != nil {
		t.Fatal(err)
	}
	notice, err := compose[notifications.CommentRefused](t.Context(), int64(comment), map[string]string{notifications.Ground: string(moderation.Insult)})
	if err != nil {
		t.Fatal(err)
	}
	if len(notice.To) != 1 || notice.To[0] != author || notice.Everyone {
		t.Errorf("told to %v, not to %d", notice.To, author)
	}
	if notice.Facts[notifications.Ground] != "insult" || notice.Facts[notifications.Subject] == "" || !strings.HasPrefix(notice.Path, "/publics/") {
		t.Errorf("%+v", notice)
	}
	if _, err := compose[notifications.CommentPublished](t.Context(), 1<<40, nil); err == nil {
		t.Error("a comment that is not there is told of")
	}
}

// Every reason a moderator can give is said in words, in both languages.
func TestEveryGroundIsSaidInWords(t *testing.T) {
	t.Parallel()
	for _, lang := range words.Langs {
		ctx := words.With(t.Context(), lang)
		for _, ground := range moderation.Grounds {
			item := notifications.Notification{Kind: notifications.CommentRefused, Facts: map[string]string{notifications.Ground: string(ground)}}
			if _, body := notificationsview.Letter(ctx, item, "", ""); strings.Contains(body, "moderation.ground") {
				t.Errorf("%s is told as %q", ground, body)
			}
		}
	}
}
