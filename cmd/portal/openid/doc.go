// Package openid lets people come in through a provider that vouches for them: the
// state's sign-in, a bank, a network. It stands beside the program because it speaks to
// the outside world and knows no area: whose account it is that comes, and what it may
// do here, is decided elsewhere.
//
// Providers are rows of a file; one more needs no code. Each is spoken to over OpenID
// Connect with the code flow, PKCE S256 and a nonce. A Client may be made while its
// provider is away: it asks for the provider's description when it first needs it, says
// ErrAway until it has it, and never keeps a person waiting longer than Patience.
//
// What a Client answers was checked: signature, issuer, audience, party, times and nonce
// of the ID token, the access token's hash, the level (acr) and the age of the sign-in
// where they were asked for, and that userinfo speaks of the same person. Who may be
// believed in what is a matter of Trust: only the state tells numbers of documents.
//
// Left to the caller: that a state is used once and by the browser it was given to, and
// that the id of a logout token (Logout.ID) is taken once while it lasts. The addresses
// that take answers and logout tokens need a limit of visits: a token signed with an
// unheard-of key makes the client ask the provider for its keys.
package openid
