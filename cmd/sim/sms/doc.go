// Package sms is an operator's HTTP gateway for text messages: it
// takes messages, delivers them to the phone on the
// simulator's page and reports what became of them.
//
// # Sending
//
//	POST /sms/v1/messages
//	Authorization: Bearer <token>
//	Content-Type: application/json
//
//	{"id": "…", "to": "+79161234567", "text": "…", "callback": "http://…"}
//
// id is the sender's own: 1 to 64 characters of A–Z a–z 0–9 . _ : -. to is an
// E.164 number with "+" (ITU-T E.164: at most 15 digits). text is counted in
// segments as phones do (3GPP TS 23.038 and 23.040): 160 characters of the GSM
// alphabet in one, 153 in each of several; with any other character 70 and 67.
// Ten segments are the limit. callback, optional, is where receipts go. Unknown
// fields are refused. A body has at most 16 KB.
//
// The answer is 202 with
//
//	{"message": "…", "id": "…", "status": "accepted", "segments": 1}
//
// where message is the gateway's id. The same id with the same content answers
// the same 202 again, with "Idempotent-Replay: true", and sends nothing; with
// other content it is refused with 409. Ids are remembered for the last 5,000
// messages. status is what is known by then: a replay may say "delivered".
//
// Errors are problem documents (RFC 9457) with a stable code: 400
// invalid_json, 401 invalid_token, 409 id_reused, 413 too_large, 415
// not_json, 422 invalid_id, invalid_number, invalid_text, too_long,
// invalid_callback, callback_not_allowed or number_refused, 503 busy with
// Retry-After. A sender repeats a 5xx with the same id and gives up on a 4xx.
//
// GET /sms/v1/messages/{message}, with the same token, answers the same
// document with the present status, or 404 not_found.
//
// # Receipts
//
// When the message reached its final state the gateway posts to callback
//
//	{"message": "…", "id": "…", "to": "+7…", "status": "delivered", "reason": "", "at": "2026-01-31T09:30:00Z"}
//
// status is "delivered" or "failed"; reason names a failure ("absent_subscriber"). A
// receipt may arrive before the 202 does, and more than once: message and
// status together tell them apart. The header
//
//	SMS-Signature: t=<unix seconds>,v1=<hex>
//
// carries HMAC-SHA256, keyed with the shared secret, over "<t>.<body>", body
// byte for byte. The receiver computes it over the raw body, compares in
// constant time (crypto/hmac.Equal), and refuses a t more than five minutes
// from its clock, so that a recorded receipt cannot be played again later. Each
// attempt is signed anew. Any 2xx answer ends the matter, and 410 refuses
// it for good; anything else, a redirect too, is tried again after 1, 2, 4, 8
// and 16 seconds and then given up.
//
// # Where receipts may go
//
// Whoever can send a message could otherwise make this program call any
// address it can reach. A callback must be http or https, carry no user name,
// and name a loopback address or localhost, or a host that is configured. For
// all but configured hosts the address is checked again when the connection is
// made. Redirects are not followed and no proxy is used.
//
// # Numbers for trying
//
// Fixtures lists numbers that do not simply work; the gateway's page shows
// them. All other valid numbers get their message before the 202 is written.
package sms
