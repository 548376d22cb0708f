package accounts

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"
	"unicode"

	"veche/domain/event"
)

// Session is the time in which a person acts from one browser, from sign-in to
// sign-out or expiry.
type Session struct {
	PublicID  string // names the session in topics and lists; opens nothing
	Device    string // the browser's own name for itself (User-Agent)
	Address   string // where the person signed in from
	CreatedAt time.Time
	SeenAt    time.Time // last request by the person, to the minute
	ExpiresAt time.Time
	EndedAt   *time.Time // nil while it has not been ended
	EndReason EndReason
	Means     []Means
	BoundTo   string // name of the bound device it is on; "" on none
}

// Key is the session's place in the list of them: the newer, the larger.
func (s Session) Key() int64 { return s.CreatedAt.UnixMicro() }

// Means is a way in which somebody proved who they are.
type Means string

// The means by which sessions are opened.
const (
	ByPassword Means = "password"
	BySMS      Means = "sms"
	ByMail     Means = "mail"
	ByTOTP     Means = "totp"
	ByPasskey  Means = "passkey"
	ByBackup   Means = "backup"
	ByProvider Means = "provider" // somebody else vouches, such as «ЕСИА»
	ByDevice   Means = "device"   // the link by which a device is bound
)

// EndReason is why a session ended.
type EndReason string

// The reasons for which sessions end.
const (
	EndSignOut    EndReason = "sign_out"
	EndEverywhere EndReason = "everywhere" // «Выйти из всех сеансов» (SEC-08)
	EndRevoked    EndReason = "revoked"    // ended from the list of sessions
	EndIdle       EndReason = "idle"       // nobody used it (SEC-07)
	EndLifetime   EndReason = "lifetime"
	EndAddress    EndReason = "address" // used from elsewhere, where that is forbidden (SEC-10)
	EndPassword   EndReason = "password"
	EndSuspicion  EndReason = "suspicion" // «Это не я» (SEC-09)
	EndDevice     EndReason = "device"    // its device was unbound (SEC-19)
	EndBlocked    EndReason = "blocked"
	EndProvider   EndReason = "provider" // signed out at the provider
	EndNewSignIn  EndReason = "new_sign_in"
)

// Without says whether a session ended so without its owner's doing.
func (r EndReason) Without() bool {
	switch r {
	case EndIdle, EndLifetime, EndAddress, EndSuspicion, EndBlocked, EndDevice:
		return true
	}
	return false
}

// How long things last in a session.
const (
	// IdleLimit ends a session that nobody uses (SEC-07).
	IdleLimit = 15 * time.Minute
	// IdleWarning is how long before that the person is told.
	IdleWarning = 2 * time.Minute
	// FreshFor is how long a second proof is good for what is sensitive (SEC-06).
	FreshFor = 10 * time.Minute
	// PendingFor is how long the second proof is waited for after the first.
	PendingFor = 10 * time.Minute
)

// Active says whether the session still opens the portal at a time.
func (s Session) Active(now time.Time) bool {
	return s.EndedAt == nil && now.Before(s.ExpiresAt) && now.Before(s.SeenAt.Add(IdleLimit))
}

// SessionTopic is what the sockets of a session are bound to.
func SessionTopic(publicID string) event.Topic { return event.NewTopic("session", publicID) }

// tokenBytes is the length of a session token before encoding.
const tokenBytes = 32

// Token is the secret in the session cookie. The database keeps its hash only, so
// that who reads the database cannot act as anybody.
type Token string

// NewToken makes a token from 256 random bits.
func NewToken() Token {
	var b [tokenBytes]byte
	_, _ = rand.Read(b[:]) // never fails: the program ends when there is no randomness
	return Token(base64.RawURLEncoding.EncodeToString(b[:]))
}

// Valid says whether t has the form of a token; nothing else is looked up.
func (t Token) Valid() bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(string(t))
	return err == nil && len(b) == tokenBytes && !strings.ContainsAny(string(t), "\r\n")
}

// Hash is what the database keeps of the token.
func (t Token) Hash() []byte {
	sum := sha256.Sum256([]byte(t))
	return sum[:]
}

// Place is where a person signs in from, as the request tells.
type Place struct {
	Device  string
	Address string
	Browser Token  // by which the browser is known again; "" when it is not
	Bound   Token  // by which a bound device is known; "" of others
	Lang    string // of the pages the person reads, "" when nobody knows
}

const (
	maxDevice  = 400 // characters
	maxAddress = 64
)

// NewPlace takes device and address from a request, which may hold anything, cut
// to what is kept and shown.
func NewPlace(device, address string) Place {
	return Place{Device: printable(device, maxDevice), Address: printable(address, maxAddress)}
}

func printable(s string, most int) string {
	kept := make([]rune, 0, min(len(s), most))
	for _, r := range strings.ToValidUTF8(s, "") {
		if len(kept) == most {
			break
		}
		if unicode.IsPrint(r) {
			kept = append(kept, r)
		}
	}
	return strings.TrimSpace(string(kept))
}
