package hub

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"

	"veche/domain/event"
)

// Audience is all who would see the very same bytes of a region: a language, and
// a role where it matters ("ru", "en", "ru+moderator").
type Audience string

const maxAudience = 32

func (a Audience) valid() bool {
	if a == "" || len(a) > maxAudience {
		return false
	}
	for _, c := range []byte(a) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '+', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}

// Visitor is who holds a page. Session and Account are public random ids, empty
// for a guest; Rights is the version of the session's rights, replaced whenever
// what the person may see changes. Reader tells readers apart for those who count
// them, guests too; the hub only hands it on.
type Visitor struct {
	Session, Account string
	Rights           int64
	Reader           string
}

// Passes makes and checks the proofs that a page was allowed to show a region.
//
// A pass is the audience, a dot, and an HMAC-SHA256 (RFC 2104) over region,
// audience, session and rights version, cut to 24 bytes. Every field is preceded by
// its length, so no two sets of fields share an input. It holds no secret: a page
// may show it to anyone, for it is of use only to the same session.
type Passes struct{ key []byte }

const passBytes = 24

// NewPasses derives the key of passes from the portal's secret. All processes of
// an installation share it.
func NewPasses(secret []byte) *Passes {
	key, err := hkdf.Key(sha256.New, secret, nil, "veche live pass 1", sha256.Size)
	if err != nil {
		panic(fmt.Sprintf("derive the key of live passes: %v", err)) // only lengths can be wrong, and they are constant
	}
	return &Passes{key: key}
}

// Mint makes the pass written into data-pass when a page is rendered for v.
func (p *Passes) Mint(region event.Region, audience Audience, v Visitor) string {
	return string(audience) + "." + p.proof(region, audience, v)
}

// Verify says whether pass was minted for the region and the visitor, and for
// which audience.
func (p *Passes) Verify(pass string, region event.Region, v Visitor) (Audience, bool) {
	name, proof, found := strings.Cut(pass, ".")
	audience := Audience(name)
	if !found || !audience.valid() {
		return "", false
	}
	// Compared as written, for a reader of base64 overlooks line breaks.
	if !hmac.Equal([]byte(proof), []byte(p.proof(region, audience, v))) {
		return "", false
	}
	return audience, true
}

func (p *Passes) proof(region event.Region, audience Audience, v Visitor) string {
	h := hmac.New(sha256.New, p.key)
	var input []byte
	for _, field := range []string{string(region), string(audience), v.Session} {
		input = binary.BigEndian.AppendUint32(input, uint32(len(field)))
		input = append(input, field...)
	}
	input = binary.BigEndian.AppendUint64(input, uint64(v.Rights))
	h.Write(input)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:passBytes])
}
