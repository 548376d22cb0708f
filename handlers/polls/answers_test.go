package polls_test

import (
	"fmt"
	"strings"
	"testing"

	"veche/db/given"
	pollsdb "veche/db/polls"
	"veche/domain/access"
)

// The drawings that voters share are of the newest state each time, in the language
// of the reader, stamped like any drawing, and hold no pass of whoever came first.
func TestAnswersToVotesShareDrawingsOfOneStateOnly(t *testing.T) {
	t.Parallel()
	s := site(t)
	poll := given.OpenPoll(t, s.DB)
	votes := []struct{ lang, count string }{{"ru", "1 человек"}, {"ru", "2 человека"}, {"en", "3 people"}}
	for i, want := range votes {
		voter, _ := s.Person()
		voter.Header.Set("Accept-Language", want.lang)
		voter.Get(path(poll))
		answer := voter.PostHTMX(path(poll)+"/ballots", choose(poll, i))
		if text := answer.Find(".poll-sum").Text(); !strings.Contains(text, want.count) {
			t.Errorf("vote %d is answered with %q", i+1, strings.TrimSpace(text))
		}
		if own, _ := answer.Find(".poll-ballot").Attr("data-own-choice"); own != fmt.Sprint(i+1) {
			t.Errorf("vote %d is answered with own choice %q", i+1, own)
		}
		for _, view := range []string{"status", "tally", "turnout", "days"} {
			region := answer.Find(fmt.Sprintf("#poll-%d-%s", poll.ID, view))
			if state, _ := region.Attr("data-state"); state == "" {
				t.Errorf("%s of vote %d carries no state", view, i+1)
			}
			if version, _ := region.Attr("data-version"); version == "" || version == "?" {
				t.Errorf("%s of vote %d carries the version %q", view, i+1, version)
			}
			if _, found := region.Attr("data-pass"); found {
				t.Errorf("%s of vote %d carries a pass", view, i+1)
			}
		}
	}
	sheet, err := pollsdb.New(s.DB).Sheet(t.Context(), access.Guest(), poll.ID)
	if err != nil || sheet.Tally.Votes() != int64(len(votes)) {
		t.Errorf("%d votes are counted, %v", sheet.Tally.Votes(), err)
	}
}
