package mail

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

func encoded(t *testing.T, charset *charmap.Charmap, text string) string {
	t.Helper()
	bytes, err := charset.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}

func TestLettersOfManyKindsAreRead(t *testing.T) {
	koi, win := encoded(t, charmap.KOI8R, "Привет из КОИ"), encoded(t, charmap.Windows1251, "Привет из Windows")
	for _, c := range []struct{ name, raw, from, subject, text, html string }{
		{
			name: "eight bits of koi8-r", raw: "Subject: =?koi8-r?B?8NLJ18XU?=\r\nContent-Type: text/plain; charset=KOI8-R\r\n\r\n" + koi,
			subject: "Привет", text: "Привет из КОИ",
		},
		{
			name: "windows-1251 html only", raw: "From: =?windows-1251?Q?=CF=EE=F7=F2=E0?= <a@b.test>\r\nContent-Type: text/html; charset=windows-1251\r\n\r\n<p>" + win + "</p>",
			from: "Почта <a@b.test>", text: "Привет из Windows", html: "<p>Привет из Windows</p>",
		},
		{
			name: "quoted-printable utf-8", raw: "From: a@b.test\r\nContent-Transfer-Encoding: Quoted-Printable\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n=D0=9A=D0=BE=D0=B4=\r\n: 1\r\n",
			from: "a@b.test", text: "Код: 1\n",
		},
		{
			name: "base64 over lines", raw: "Content-Transfer-Encoding: base64\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n0JrQ\r\nvtC0\r\n",
			text: "Код",
		},
		{
			name: "subject in two encoded words", raw: "Subject: =?utf-8?B?0JrQvtC0?=\r\n =?utf-8?Q?_=D0=B2?= MFC\r\n\r\nx",
			subject: "Код в MFC", text: "x",
		},
		{name: "no mime at all", raw: "Subject: plain\r\n\r\nhello\r\n", subject: "plain", text: "hello\n"},
		{name: "unknown charset", raw: "Content-Type: text/plain; charset=klingon\r\n\r\nКод\xff", text: "Код\uFFFD"},
		{name: "unknown charset in a word", raw: "Subject: =?klingon?Q?x?=\r\n\r\nx", subject: "=?klingon?Q?x?=", text: "x"},
		{name: "content type that cannot be read", raw: "Content-Type: ;;;\r\n\r\nx", text: "x"},
		{name: "torn base64", raw: "Content-Transfer-Encoding: base64\r\n\r\naGVsbG8*", text: "hel"},
		{
			name: "alternative inside mixed", raw: "Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n" +
				"--i\r\n\r\nplain\r\n--i\r\nContent-Type: text/html\r\n\r\n<p>html</p>\r\n--i--\r\n--o\r\n\r\nfooter\r\n--o--\r\n",
			text: "plain\nfooter", html: "<p>html</p>",
		},
		{name: "multipart cut off", raw: "Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\nbegun", text: "begun"},
		{name: "from that is no address", raw: "From: somebody\r\n\r\nx", from: "somebody", text: "x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := parse([]byte(c.raw))
			if err != nil {
				t.Fatal(err)
			}
			if got.From != c.from || got.Subject != c.subject || got.Text != c.text || got.HTML != c.html {
				t.Errorf("from %q, subject %q, text %q, html %q", got.From, got.Subject, got.Text, got.HTML)
			}
		})
	}
}

func TestAttachmentNamesAreReadAndLoseTheirFolders(t *testing.T) {
	raw := "Content-Type: multipart/mixed; boundary=o\r\n\r\n" +
		"--o\r\nContent-Type: image/png; name=\"=?utf-8?B?0L/Qu9Cw0L0ucG5n?=\"\r\n\r\n1\r\n" +
		"--o\r\nContent-Disposition: attachment; filename*=utf-8''%D0%BF%D0%BB%D0%B0%D0%BD.pdf\r\n\r\n22\r\n" +
		"--o\r\nContent-Disposition: attachment; filename=\"../../etc/passwd\"\r\n\r\n333\r\n" +
		"--o\r\nContent-Disposition: attachment\r\n\r\n4444\r\n" +
		"--o\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\n5\r\n--o--\r\n"
	got, err := parse([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range got.Attachments {
		names = append(names, file.Name)
	}
	if want := "план.png план.pdf passwd attachment letter.eml"; strings.Join(names, " ") != want {
		t.Errorf("names %q, want %q", names, want)
	}
}

func TestNestingAndLengthAreBounded(t *testing.T) {
	var deep strings.Builder
	for i := range 50 {
		fmt.Fprintf(&deep, "Content-Type: multipart/mixed; boundary=b%02d\r\n\r\n--b%02d\r\n", i, i)
	}
	deep.WriteString("\r\nhidden\r\n")
	if got, err := parse([]byte(deep.String())); err != nil || got.Text != "" {
		t.Errorf("text %q, err %v", got.Text, err)
	}
	long, err := parse([]byte("Subject: x\r\n\r\n" + strings.Repeat("я", 2<<20)))
	if err != nil || len(long.Text) > maxText || !utf8.ValidString(long.Text) {
		t.Errorf("%d bytes kept, err %v", len(long.Text), err)
	}
	many := "Content-Type: multipart/mixed; boundary=o\r\n\r\n" +
		strings.Repeat("--o\r\nContent-Disposition: attachment\r\n\r\nx\r\n", 500) + "--o--\r\n"
	if got, err := parse([]byte(many)); err != nil || len(got.Attachments) >= maxParts {
		t.Errorf("%d attachments, err %v", len(got.Attachments), err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("Subject: =?utf-8?B?0JrQvtC0?=\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\nx\r\n--o--"))
	f.Add([]byte("Content-Transfer-Encoding: base64\r\nContent-Type: text/html; charset=koi8-r\r\n\r\nAAAA"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		message, err := parse(raw)
		if err != nil {
			return
		}
		for _, text := range []string{message.From, message.Subject, message.Text, message.HTML} {
			if !utf8.ValidString(text) {
				t.Errorf("broken text %q", text)
			}
		}
	})
}
