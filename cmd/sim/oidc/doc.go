// Package oidc is the identity providers of the outside world: the state's sign-in
// («Демо-Госуслуги (ЕСИА)»), a bank's and a social network's. Each is an issuer of its
// own in one table, and speaks OpenID Connect as real ones do, so that the portal's
// client meets here what it meets in earnest.
//
// What it speaks: OpenID Connect Core 1.0 with the code flow alone, Discovery 1.0,
// RP-Initiated Logout 1.0, Back-Channel Logout 1.0 with sid, OAuth 2.0 (RFC 6749) with
// PKCE S256 demanded of everybody (RFC 7636), the issuer in the answer (RFC 9207),
// acr and amr (RFC 8176), unmet_authentication_requirements. The authorization endpoint
// takes its request by GET. There are no refresh tokens: who wants more asks again.
//
// A code lives 60 seconds and is good once. A second use is refused and takes back what
// the first one gave; a try with a wrong verifier or address spends the code too. ID
// tokens are signed with RS256; «Сменить ключ» on the provider's page signs with a new
// key while the old ones stay published.
//
// How a person shows who they are decides how far the answer can be relied on:
//
//	method             amr  acr at ЕСИА                 at the bank                 at the network
//	one-time password  otp  urn:veche:loa:substantial   urn:veche:loa:substantial   urn:veche:loa:low
//	face               face urn:veche:loa:high          urn:veche:loa:substantial   -
//	token              hwk  urn:veche:loa:high          -                           -
//
// Who asks for levels with acr_values is offered only the methods that reach the lowest of
// them, and gets unmet_authentication_requirements when the provider has none.
//
// Scopes: profile (names; of ЕСИА and bank birthdate; of ЕСИА trusted, which says that
// the account was confirmed in person), email, phone, address, documents (snils, inn; of
// ЕСИА alone). They are answered by userinfo, not by the ID token. Every answer carries
// "demo": true: nothing here has legal force, and the numbers of documents are of ranges
// that nobody was ever given.
package oidc
