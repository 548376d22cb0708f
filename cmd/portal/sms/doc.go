// Package sms hands text messages to the operator's HTTP gateway and believes its
// delivery receipts. It stands beside the program because it speaks to the outside
// world and knows no area: who gets a text, and what it says, is decided elsewhere.
//
// A gateway is any program that keeps the contract below, so that changing the
// operator is changing an address, a token and a secret. Veche's own counterpart for
// trying things out is cmd/sim/sms.
//
// # Sending
//
//	POST <the address that is configured>
//	Authorization: Bearer <token>
//	Content-Type: application/json
//
//	{"id": "…", "to": "+79161234567", "text": "…", "callback": "https://…"}
//
// id is the portal's own, 1 to 64 characters of A–Z a–z 0–9 . _ : -. to is a number of
// ITU-T E.164 with "+". callback is where the receipt goes and is left out when none is
// wanted. The same id with the same content is the same message: it is sent to the phone
// once, however often it is handed over.
//
// The gateway answers within ten seconds, in at most 16 KB, with 202 and
//
//	{"id": "…"}
//
// where id is the portal's again; other fields are not read. Any other answer means that
// the message was not taken. A problem document (RFC 9457) may say why, by a "code":
// invalid_id, invalid_number, invalid_text, too_long, number_refused, id_reused,
// invalid_json, too_large and not_json are about the message and final, and so are the
// statuses 400, 409, 413, 415 and 422 by themselves. invalid_token, invalid_callback,
// callback_not_allowed and every other status are not: the operator can mend them, or they
// pass, and the portal sends the message again under its id. Redirects are not followed.
//
// # Receipts
//
// When the message has come to its end, the gateway posts to callback
//
//	SMS-Signature: t=<unix seconds>,v1=<hex>
//	Content-Type: application/json
//
//	{"id": "…", "status": "delivered"}
//
// status is "delivered" or "failed"; other fields are not read. The signature is
// HMAC-SHA256 (RFC 2104), keyed with the secret, over "<t>.<body>", body byte for byte. A
// t more than five minutes from the portal's clock is refused, so each attempt is signed
// anew. A receipt may arrive before the 202 does, and more than once; one that was recorded
// and played again within the five minutes says only what it said before.
//
// The portal answers 204 to a receipt it took, 410 to one of a message it does not know,
// 403 to one it does not believe, and 5xx when it could not save it: then the gateway
// comes again.
package sms
