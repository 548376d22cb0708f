// Package inbox is the screen of a person who does not exist: the phone and
// the mailbox in which everything the simulated networks deliver arrives.
//
// Parts hand over what arrived with Box.Deliver. People read it on the front
// page, programs through the API:
//
//	GET    /api/messages?to=&kind=&after=&before=&limit=   JSON array, newest first
//	DELETE /api/messages?to=&kind=                         forget them; 204
//
// to is a mail address or a phone number in any common spelling (a "+" may be
// written as it is or as %2B), kind is "mail" or "sms". after is the id of a
// message already seen or an instant of RFC 3339: only later messages are
// answered. before is an id: only earlier ones. limit is 200 unless given, 1000
// at most. A message has id (a growing decimal number, also across restarts),
// kind, to, from, subject, text, html, at (RFC 3339), codes (numbers of four to
// eight digits that look like one-time codes, subject first), links and
// attachments (name, type, size). A letter to three mailboxes is three
// messages. What a query gets wrong is answered with 400 and a problem
// document (RFC 9457).
//
// Everything is in memory, bounded by number and by bytes: the oldest goes
// first. A restart begins with an empty box.
package inbox
