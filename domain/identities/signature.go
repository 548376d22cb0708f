package identities

import (
	"context"
	"time"
)

// Signer is the joint for sign-in with an electronic signature (ID-12), where a centre
// of certificates is connected.
//
// The portal makes a challenge of 32 random bytes that is good once, for five minutes
// and in one browser. The person's signing program signs it as CMS SignedData, detached
// and with the signer's certificate in it (RFC 5652; GOST R 34.10-2012 by RFC 9215).
// Verify checks the signature over the challenge, the chain up to a centre that is
// trusted, the times and the revocation of every certificate in it. What it answers is
// an identity like that of any provider: the centre is the issuer, and the person's
// СНИЛС in the certificate (OID 1.2.643.100.3) finds the account, by the rules of the
// state's word at the highest level.
type Signer interface {
	// Verify answers whose certificate signed the challenge. It fails with ErrForged
	// for a signature that is not good and with ErrAway while the revocation of a
	// certificate cannot be asked for.
	Verify(ctx context.Context, challenge, signature []byte) (Certificate, error)
}

// Certificate is what a qualified certificate says of its owner.
type Certificate struct {
	Issuer    string // distinguished name of the centre
	Serial    string // hexadecimal; with Issuer it names the certificate
	Name      string // given name, patronymic, family name
	SNILS     string // eleven digits
	INN       string // twelve digits, "" when it has none
	NotBefore time.Time
	NotAfter  time.Time
}

// Person is the owner as the rules of this package take them.
func (c Certificate) Person() Person {
	return Person{
		Issuer: c.Issuer, Subject: c.SNILS, Name: c.Name, SNILS: c.SNILS, INN: c.INN,
		Trusted: true, ACR: "high", AMR: []string{"hwk"},
	}
}
