// Package registers asks the state's register of identity papers whether a passport
// is valid and belongs to a person. It stands beside the program because it speaks
// to the outside world and knows no area: what follows from an answer is decided
// elsewhere.
//
// # Contract
//
// HTTPS, TLS 1.3, with a certificate on both sides (RFC 8446): the register is
// trusted if the configured authority vouches for it and it bears the name in its
// address, and the portal shows its own certificate. Both files are read at each new
// connection, so a renewed certificate needs no restart.
//
//	POST {URL}/registers/passports/v1/checks
//	{"request", "surname", "name", "patronymic", "birthdate", "series", "number", "copy"}
//	→ 202 {"check", "request", "status"}
//
//	GET {URL}/registers/passports/v1/checks/{check}
//	→ 200 {"check", "request", "status", "reason", "at"}
//
// request names the question: asked again with the same one, the register begins
// nothing new. status is "pending", "match" or "mismatch"; reason says why not. copy
// is the SHA-256 of the copy of the paper; the copy itself never leaves the portal.
//
// # Errors
//
// [ErrAway] is worth another try: no connection, a handshake that failed, 429, 5xx, an
// answer that cannot be read. [RefusedError] is not: the register does not take the
// question. [ErrUnknown] says that it forgot a check; ask anew. No error holds a name, a
// number, or what the register wrote.
package registers
