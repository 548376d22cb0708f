// Package devices holds the devices that a person binds to their account: how one is
// found and bound, how far it reaches, and what is left of it afterwards (SEC-14 …
// SEC-19).
//
// A device is offered in a session, found by a link that is good once and for a short
// time, and bound by a one-time password to the person's own phone. From then on it is
// known by a random token of which the portal keeps the hash alone. What it may do is
// limited at once and everywhere; unbound, nothing of it is left.
package devices

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"veche/domain/accounts"
	"veche/domain/event"
	"veche/domain/problem"
)

// ID is the key of a device. It never leaves the server.
type ID int64

// Kind is what sort of device it is.
type Kind string

// The kinds of devices.
const (
	Phone  Kind = "phone"
	Tablet Kind = "tablet"
	Watch  Kind = "watch"
)

// Kinds lists them in the order in which a page offers them.
var Kinds = []Kind{Phone, Tablet, Watch}

// Way is how the link gets to the device.
type Way string

// The ways of the link.
const (
	QR  Way = "qr"
	SMS Way = "sms"
)

// Ways lists them in the order in which a page offers them.
var Ways = []Way{QR, SMS}

// Status is how far a device has come.
type Status string

// The states of a device; of one that was unbound nothing is left.
const (
	Waiting Status = "waiting" // the link has yet to be followed
	Lapsed  Status = "lapsed"  // it was not, in time
	Active  Status = "active"  // «Активно»
)

// The limits of devices.
const (
	LinkFor     = 15 * time.Minute
	MostDevices = 10 // of one account, those that wait included
	maxName     = 60 // characters
)

// The fields of the form that offers a device.
const (
	KindField  = "kind"
	NameField  = "name"
	WayField   = "way"
	ReachField = "reach"
)

// Device is a device that is bound, or is to be.
type Device struct {
	ID        ID
	PublicID  string // random; stands in URLs and regions
	Kind      Kind
	Name      string // its owner's
	Reach     accounts.Reach
	Notices   bool // its pages ring (SEC-17)
	Way       Way
	Browser   string // what it calls itself (User-Agent)
	CreatedAt time.Time
	BoundAt   *time.Time
	SeenAt    *time.Time
	LinkUntil *time.Time
	Lapsed    bool // the link is good no more
}

// Status says how far the device has come.
func (d Device) Status() Status {
	switch {
	case d.BoundAt != nil:
		return Active
	case d.Lapsed:
		return Lapsed
	}
	return Waiting
}

// Offer is a device as its owner describes it.
type Offer struct {
	Kind Kind
	Name string
	Way  Way
}

// Invitation is what a link shows on the device that follows it: no more of the person
// than tells whether it is one's own.
type Invitation struct {
	Device
	Owner    accounts.ID
	Initials string
}

// Problems of devices.
var (
	ErrNoKind    = problem.InField(KindField, "devices.problem.no_kind")
	ErrNoName    = problem.InField(NameField, "devices.problem.no_name")
	ErrLongName  = problem.InField(NameField, "devices.problem.long_name")
	ErrNoWay     = problem.InField(WayField, "devices.problem.no_way")
	ErrNoPhone   = problem.InField(WayField, "devices.problem.no_phone")
	ErrNoReach   = problem.InField(ReachField, "devices.problem.no_reach")
	ErrTooMany   = problem.New(problem.Conflict, "devices.problem.too_many")
	ErrNotFound  = problem.New(problem.NotFound, "devices.problem.not_found")
	ErrNoLink    = problem.New(problem.NotFound, "devices.problem.no_link")
	ErrNoContact = problem.New(problem.Conflict, "devices.problem.no_contact")
)

// ParseOffer reads the form that offers a device.
func ParseOffer(kind, name, way string) (Offer, error) {
	offer := Offer{Kind: Kind(kind), Name: clean(name), Way: Way(way)}
	switch {
	case !slices.Contains(Kinds, offer.Kind):
		return offer, ErrNoKind
	case offer.Name == "":
		return offer, ErrNoName
	case utf8.RuneCountInString(offer.Name) > maxName:
		return offer, ErrLongName
	case !slices.Contains(Ways, offer.Way):
		return offer, ErrNoWay
	}
	return offer, nil
}

// ParseReach reads how far a device may go.
func ParseReach(typed string) (accounts.Reach, error) {
	if reach := accounts.Reach(typed); slices.Contains(accounts.Reaches, reach) {
		return reach, nil
	}
	return "", ErrNoReach
}

func clean(name string) string {
	visible := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	return strings.Join(strings.Fields(visible), " ")
}

// TopicOf is what the screens about a person's devices depend on.
func TopicOf(account string) event.Topic { return event.NewTopic("devices", account) }

// ItemOf is the region of one device.
func ItemOf(account, device string) event.Region {
	return event.NewItem(TopicOf(account), "item", device)
}

// Changed: a device was offered, bound, limited or unbound.
type Changed struct{ Account, Device string } // public ids

// Name is the event's name.
func (Changed) Name() string { return "devices.changed" }

// Changes are the device where it is shown.
func (e Changed) Changes() []event.Change {
	return []event.Change{{Topic: TopicOf(e.Account), IDs: []string{e.Device}}}
}

// LinkAsked: the link to a device is to be sent to its owner's phone.
type LinkAsked struct{ Device ID }

// Name is the event's name.
func (LinkAsked) Name() string { return "devices.link_asked" }

// Changes are none: what follows is a job.
func (LinkAsked) Changes() []event.Change { return nil }
