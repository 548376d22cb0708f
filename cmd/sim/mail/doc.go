// Package mail is the internet's mail as the portal sees it: a relay that takes
// every letter and delivers it to the inbox on the simulator's page.
//
// It speaks SMTP (RFC 5321) with STARTTLS (RFC 3207), AUTH PLAIN and LOGIN
// (RFC 4954) after STARTTLS only, SIZE, 8BITMIME, SMTPUTF8, PIPELINING and
// CHUNKING. A letter may weigh 25 MB and have 50 recipients. Any name and
// password are accepted unless a pair is configured; then a sender must give
// exactly that pair before its first letter. Every address of every domain has
// a mailbox here, and nothing is ever passed on.
//
// The certificate is made at start, signed by itself, for localhost, 127.0.0.1,
// ::1 and the host of the listening address, and lives in memory only. A client
// that checks certificates finds it at GET /mail/certificate.pem, or is given
// one from files.
//
// The text form is read from the letter; when there is none it is taken from
// the HTML form. A letter whose header cannot be read is refused with 554.
package mail
