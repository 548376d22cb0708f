package sms

import (
	"regexp"
	"time"
)

// e164 is a number as ITU-T E.164 bounds it, with the "+" that tells it from a
// national one. Seven digits are the shortest in use.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// Fixture is a number with a fate of its own. Key names it in the catalogue,
// under "sms.fixture".
type Fixture struct {
	Number string
	Key    string

	refused bool          // the gateway does not take messages to it
	busy    bool          // the gateway is out of order for it
	silent  bool          // delivered, but no receipt is ever sent
	reason  string        // not delivered, for this reason
	late    time.Duration // delivered after this time
}

// fixtures are the numbers for trying. late is how long the late one takes.
func fixtures(late time.Duration) []Fixture {
	return []Fixture{
		{Number: "+79990000001", Key: "absent", reason: "absent_subscriber"},
		{Number: "+79990000002", Key: "late", late: late},
		{Number: "+79990000003", Key: "refused", refused: true},
		{Number: "+79990000004", Key: "busy", busy: true},
		{Number: "+79990000005", Key: "silent", silent: true},
	}
}
