// Package registers is the register of identity papers of the ministry of the
// interior: it is asked whether a passport is valid and belongs to a person, and
// answers after a while.
//
// # Who may ask
//
// The register speaks HTTPS alone and asks its callers for a certificate (TLS 1.3,
// RFC 8446, 4.4.2). It trusts the certificates of one authority, which the
// simulator makes at its first start and whose key it throws away; the portal's
// certificate is issued then too. The folder holds
//
//	ca.pem          the authority: whom the portal trusts to be the register
//	portal.pem      the portal's certificate
//	portal-key.pem  the key of that certificate
//
// and the register's own pair, server.pem and server-key.pem. They are made anew
// when less than a month is left of them.
//
// # Asking
//
//	POST /registers/passports/v1/checks
//	Content-Type: application/json
//
//	{"request": "…", "surname": "Лебедева", "name": "Анна", "patronymic": "Сергеевна",
//	 "birthdate": "1988-03-14", "series": "4400", "number": "000001", "copy": "<sha256>"}
//
// request is the asker's own: 1 to 64 characters of A–Z a–z 0–9 . _ : -. series has
// four digits, number six. patronymic may be "", for people who have none.
// birthdate (ISO 8601) may be left out and is then not compared. copy is the
// SHA-256 of the copy of the paper, 64 hexadecimal digits: the register notes it
// down, so that it can be shown later of which copy the answer spoke. Unknown
// fields are refused. A body has at most 16 KB.
//
// The answer is 202 with
//
//	{"check": "…", "request": "…", "status": "pending"}
//
// The same request with the same content answers 202 again, with
// "Idempotent-Replay: true" and the status of now, and begins nothing; with other
// content it is refused with 409. Requests are remembered for the last 5,000 checks.
//
// # The answer
//
//	GET /registers/passports/v1/checks/{check}
//
//	{"check": "…", "request": "…", "status": "mismatch", "reason": "name", "at": "2026-01-31T09:30:00Z"}
//
// status is "pending", "match" or "mismatch". reason says why not: "unknown" (no such
// paper was issued), "invalid" (it was reported lost, or has lapsed), "name" or
// "birthdate" (it is somebody else's). Names are compared without regard to case, and
// ё is е. at is when the register decided.
//
// Errors are problem documents (RFC 9457) with a stable code: 400 invalid_json, 404
// not_found, 409 request_reused, 413 too_large, 415 not_json, 422 invalid_request,
// invalid_person, invalid_document or invalid_copy, 503 away with Retry-After. An
// asker repeats a 5xx with the same request and gives up on a 4xx. A caller without a
// certificate gets no answer at all: the handshake fails.
//
// # Papers for trying
//
// The people of the demo have a passport each, and some papers behave otherwise; the
// register's page lists them all. What it remembers of a check shows no name and of
// the number the last two digits.
package registers
