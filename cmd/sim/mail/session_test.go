package mail

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/emersion/go-smtp"

	"veche/cmd/sim/inbox"
)

func TestLetterCutOffIsNotDelivered(t *testing.T) {
	for _, cause := range []error{smtp.ErrDataTooLarge, io.ErrUnexpectedEOF} {
		box := inbox.NewBox(inbox.Ordinary, time.Now)
		s := &session{box: box, recipients: []string{"anna@demo.test"}}
		err := s.Data(io.MultiReader(strings.NewReader("Subject: x\r\n\r\nbegun"), iotest.ErrReader(cause)))
		if !errors.Is(err, cause) {
			t.Errorf("the client is told %v, want %v", err, cause)
		}
		if got := box.Messages(inbox.Filter{}); len(got) != 0 {
			t.Errorf("%v: delivered all the same", cause)
		}
	}
}

func TestNextLetterStartsAfresh(t *testing.T) {
	box := inbox.NewBox(inbox.Ordinary, time.Now)
	s := &session{box: box}
	if err := errors.Join(s.Mail("a@x.test", nil), s.Rcpt("first@x.test", nil)); err != nil {
		t.Fatal(err)
	}
	s.Reset()
	if err := errors.Join(s.Mail("b@x.test", nil), s.Rcpt("second@x.test", nil), s.Data(strings.NewReader("Subject: x\r\n\r\n"))); err != nil {
		t.Fatal(err)
	}
	got := box.Messages(inbox.Filter{})
	if len(got) != 1 || got[0].To != "second@x.test" || got[0].From != "b@x.test" {
		t.Errorf("delivered %+v", got)
	}
}
