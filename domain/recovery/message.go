package recovery

import "veche/domain/codes"

// MessageKind is what a message tells.
type MessageKind string

// What people are told.
const (
	TellUnlocked  MessageKind = "unlocked"  // «Ограничение снято» (REC-04)
	TellApproved  MessageKind = "approved"  // of a paper
	TellRefused   MessageKind = "refused"   // of a paper, by the register
	TellIssued    MessageKind = "issued"    // a temporary password was given out: to every contact
	TellPassword  MessageKind = "password"  // it itself: to a contact that is bound and was given
	TellWay       MessageKind = "way"       // how it goes on: to a contact that is not bound
	TellRequested MessageKind = "requested" // somebody asked the desk for the account
	TellDenied    MessageKind = "denied"    // a request to the desk
)

// Message is something told about a recovery.
type Message struct {
	ID      string // the same when it is sent twice
	Kind    MessageKind
	Channel codes.Channel
	Address string
	Lang    string
	Number  string // of the request, "" for none
	Reason  string
	Secret  string // the temporary password in TellPassword
}
