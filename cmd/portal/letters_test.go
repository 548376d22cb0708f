package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"veche/cmd/portal/smtp"
	"veche/cmd/sim/inbox"
	"veche/cmd/sim/mail"
	"veche/db/given"
	"veche/domain/notifications"
)

func sender(t *testing.T, o smtp.Options) *smtp.Sender {
	t.Helper()
	o.From = "Вече <no-reply@veche.example>"
	s, err := smtp.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What people write stands in a letter as a quotation, and nowhere else: not as a
// header, and not as lines that look like the portal's own.
func TestTitleCannotForgeALetter(t *testing.T) {
	t.Parallel()
	box, address := mailServer(t, relayForAll)
	letters := sender(t, smtp.Options{Address: address})
	public, err := parsePublic("https://veche.example")
	if err != nil {
		t.Fatal(err)
	}
	const forged = "Скамейка\r\nBcc: boris@test.test\r\n\r\nПодтвердите пароль:\u2028https://evil.example/"
	err = post{letters, config{public: public, zone: time.UTC}, nil}.Send(t.Context(), notifications.Letter{
		Address: "anna@test.test",
		Notification: notifications.Notification{
			ID: "one", Kind: notifications.PollOpened, Path: "/polls/1",
			Facts: map[string]string{notifications.Subject: forged},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	// Nor could it through a subject, should one ever be made of a title.
	if err := letters.Send(t.Context(), smtp.Letter{ID: "two@veche.example", To: "anna@test.test", Subject: forged, Body: "."}); err != nil {
		t.Fatal(err)
	}
	got := box.Messages(inbox.Filter{})
	if len(got) != 2 {
		t.Fatalf("%d letters", len(got))
	}
	for _, letter := range got {
		if letter.To != "anna@test.test" {
			t.Errorf("a letter went to %s", letter.To)
		}
		for line := range strings.FieldsFuncSeq(letter.Text, func(r rune) bool { return strings.ContainsRune("\r\n\u2028\u2029", r) }) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "Bcc:") || strings.HasPrefix(line, "https://evil") || strings.HasPrefix(line, "Подтвердите") {
				t.Errorf("the letter has a line of its own: %q", line)
			}
		}
	}
}

// listener is a mail server that notes what it is told and answers as the test says.
type listener struct {
	mu    sync.Mutex
	lines []string
}

func (l *listener) heard(prefix string) (found []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.lines {
		if strings.HasPrefix(strings.ToUpper(line), strings.ToUpper(prefix)) {
			found = append(found, line)
		}
	}
	return found
}

// listenMail answers commands with answer; "" is an answer to all that is fine,
// "hang up" ends the connection without one, and "hang" gives none and waits.
func listenMail(t *testing.T, answer func(command string, nth int) string) (*listener, string) {
	t.Helper()
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	l := &listener{}
	serve := func(conn net.Conn) {
		defer func() { _ = conn.Close() }()
		fmt.Fprint(conn, "220 listener.test\r\n")
		data := false
		for lines := bufio.NewScanner(conn); lines.Scan(); {
			line := lines.Text()
			l.mu.Lock()
			l.lines = append(l.lines, line)
			l.mu.Unlock()
			command, _, _ := strings.Cut(line, " ")
			switch {
			case data && line == ".":
				data, command = false, "."
			case data:
				continue
			}
			said := answer(command, len(l.heard(command)))
			switch {
			case said == "hang up":
				return
			case said == "hang":
				_, _ = conn.Read(make([]byte, 1))
				return
			case said != "":
				fmt.Fprint(conn, said+"\r\n")
			case command == "DATA":
				data = true
				fmt.Fprint(conn, "354 go on\r\n")
			case command == "QUIT":
				fmt.Fprint(conn, "221 bye\r\n")
				return
			default:
				fmt.Fprint(conn, "250 fine\r\n")
			}
		}
	}
	go func() {
		for {
			conn, err := server.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
	return l, server.Addr().String()
}

const password = "a password nobody else is to see"

// A server that offers no encryption, or only pretends to, is not told the password;
// and nothing that is logged holds it.
func TestPasswordOfTheMailServerIsSentEncryptedOnly(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(string, int) string{
		"encryption is not offered": func(command string, _ int) string {
			if command == "EHLO" {
				return "250-listener.test\r\n250 AUTH PLAIN LOGIN"
			}
			return ""
		},
		"encryption is refused": func(command string, _ int) string {
			switch command {
			case "EHLO":
				return "250-listener.test\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN"
			case "STARTTLS":
				return "454 not now"
			}
			return ""
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, address := listenMail(t, answer)
			err := sender(t, smtp.Options{Address: address, User: "portal", Password: password}).
				Send(t.Context(), smtp.Letter{ID: "one@veche.example", To: "anna@test.test", Subject: "Письмо", Body: "."})
			if err == nil {
				t.Fatal("the letter was sent")
			}
			if strings.Contains(err.Error(), password) || strings.Contains(err.Error(), "anna") {
				t.Errorf("the error tells too much: %v", err)
			}
			if len(l.heard("EHLO")) == 0 {
				t.Error("the server was not even reached")
			}
			for _, command := range []string{"AUTH", "MAIL", "RCPT", "DATA"} {
				if found := l.heard(command); len(found) != 0 {
					t.Errorf("the server was told %q", found)
				}
			}
		})
	}
}

// A server under another's name is handed neither the password nor a letter. The
// address of no machine leads to this one, and is none whose certificate is not asked
// for.
func TestMailServerWithABadCertificateGetsNothing(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]mail.Config{
		"without a password": {},
		"with a password":    {User: "portal", Password: password},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box, address := mailServer(t, config)
			_, port, err := net.SplitHostPort(address)
			if err != nil {
				t.Fatal(err)
			}
			letter := smtp.Letter{ID: "one@veche.example", To: "anna@test.test", Subject: "Письмо", Body: "."}
			err = sender(t, smtp.Options{Address: "0.0.0.0:" + port, User: config.User, Password: config.Password}).Send(t.Context(), letter)
			if err == nil || !strings.Contains(err.Error(), "certificate") {
				t.Errorf("answered with %v", err)
			}
			if n := len(box.Messages(inbox.Filter{})); n != 0 {
				t.Errorf("%d letters were handed over", n)
			}
			if err := sender(t, smtp.Options{Address: address, User: config.User, Password: config.Password}).Send(t.Context(), letter); err != nil {
				t.Errorf("on this machine: %v", err)
			}
		})
	}
}

// Nobody knows whether a server that hung up kept the letter. It is sent again as
// the same letter, so that a mailbox may tell.
func TestLetterWhoseAnswerWasLostIsSentAgainAsTheSame(t *testing.T) {
	t.Parallel()
	l, address := listenMail(t, func(command string, nth int) string {
		if command == "." && nth == 1 {
			return "hang up"
		}
		return ""
	})
	site := start(t, "VECHE_SMTP_ADDR", address)
	anna, _ := given.Person(t, site.DB)
	if err := site.ofPeople().Choose(context.Background(), anna, notifications.Settings{Mail: true}); err != nil {
		t.Fatal(err)
	}
	site.openPoll(t, "Где поставить новую скамейку?")
	await(t, "the letter is sent", func() bool {
		item := site.newest(t, anna)
		return item != nil && item.Letter != nil && item.Letter.State == notifications.Sent
	})
	ids := l.heard(textproto.CanonicalMIMEHeaderKey("message-id") + ":")
	if len(ids) != 2 || ids[0] != ids[1] || !strings.Contains(ids[0], site.newest(t, anna).ID) {
		t.Errorf("letters with %q", ids)
	}
}

// What a server has taken is sent, however it takes leave.
func TestLetterThatWasTakenIsNotSentAgain(t *testing.T) {
	t.Parallel()
	for _, leave := range []string{"RSET", "NOOP", "QUIT"} {
		for _, rude := range []string{"hang up", "554 enough"} {
			t.Run(leave+" "+rude, func(t *testing.T) {
				t.Parallel()
				var l *listener
				taken := func() bool { return len(l.heard(".")) > 0 }
				l, address := listenMail(t, func(command string, _ int) string {
					if command == leave && taken() {
						return rude
					}
					return ""
				})
				err := sender(t, smtp.Options{Address: address}).
					Send(t.Context(), smtp.Letter{ID: "one@veche.example", To: "anna@test.test", Subject: "Письмо", Body: "."})
				if err != nil || !taken() {
					t.Errorf("taken: %t, %v", taken(), err)
				}
			})
		}
	}
}

// A letter is given up for what the server says of it. What it says of the portal is
// the operator's to mend, and the letters wait.
func TestLettersWaitForWhatTheOperatorCanMend(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		at, answer string
		final      bool
	}{
		"no such mailbox":         {"RCPT", "550 5.1.1 nobody here", true},
		"no such mailbox, plain":  {"RCPT", "550 nobody here", true},
		"the text is not taken":   {".", "554 5.6.0 no", true},
		"the mailbox is full":     {"RCPT", "452 4.2.2 later", false},
		"the portal did not sign": {"MAIL", "530 5.7.0 sign in first", false},
		"it has to sign in later": {"RCPT", "530 sign in first", false},
		"its sender is not known": {"MAIL", "550 5.1.8 who are you", false},
		"it may not relay":        {"RCPT", "554 5.7.1 relay access denied", false},
		"it is not greeted":       {"EHLO", "554 go away", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, address := listenMail(t, func(command string, _ int) string {
				if command == "EHLO" && c.at != "EHLO" {
					return "250-listener.test\r\n250 ENHANCEDSTATUSCODES"
				}
				if command == c.at || command == "HELO" && c.at == "EHLO" {
					return c.answer
				}
				return ""
			})
			err := sender(t, smtp.Options{Address: address}).
				Send(t.Context(), smtp.Letter{ID: "one@veche.example", To: "anna@test.test", Subject: "Письмо", Body: "."})
			var answer smtp.RefusedError
			if final := errors.As(err, &answer) && answer.Final(); err == nil || final != c.final {
				t.Errorf("%v is final: %t", err, final)
			}
		})
	}
}

// A server that falls silent holds nobody up who has to stop.
func TestSilentMailServerIsLeft(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"EHLO", "MAIL", "."} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			ctx, leave := context.WithCancel(t.Context())
			_, address := listenMail(t, func(command string, _ int) string {
				if command == at {
					leave()
					return "hang"
				}
				return ""
			})
			ended := make(chan error, 1)
			letters := sender(t, smtp.Options{Address: address})
			go func() {
				ended <- letters.Send(ctx, smtp.Letter{ID: "one@veche.example", To: "anna@test.test", Subject: "Письмо", Body: "."})
			}()
			select {
			case err := <-ended:
				if err == nil {
					t.Error("the letter counts as sent")
				}
			case <-time.After(smtp.SendTime / 2):
				t.Error("still waiting")
			}
		})
	}
}

// Letters to a server that hangs hold up nothing else.
func TestTownsWorthOfLettersHoldsUpNothing(t *testing.T) {
	t.Parallel()
	l, address := listenMail(t, func(command string, _ int) string {
		if command == "EHLO" {
			return "hang"
		}
		return ""
	})
	site := start(t, "VECHE_SMTP_ADDR", address)
	people := given.Residents(t, site.DB, 2*(jobWorkers+mailWorkers))
	for _, person := range people {
		if err := site.ofPeople().Choose(context.Background(), person, notifications.Settings{Mail: true}); err != nil {
			t.Fatal(err)
		}
	}
	site.openPoll(t, "Где поставить новую скамейку?")
	await(t, "the letters hang", func() bool { return len(l.heard("EHLO")) >= mailWorkers })
	second := site.openPoll(t, "Какого цвета?")
	await(t, "all are told of the second poll", func() bool {
		for _, person := range people {
			if newest := site.newest(t, person); newest == nil || newest.Facts[notifications.Subject] != second.Question {
				return false
			}
		}
		return true
	})
}
