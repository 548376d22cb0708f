package factors

import (
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"veche/db"
	"veche/domain/factors"
)

// relyingParty asks of every passkey that it knows its owner (user verification: a
// finger, a face, the device's own code), so that it proves more than having the
// device, and that it can be found without a login being typed. What the device is
// made by is not asked.
func relyingParty(o Options) (*webauthn.WebAuthn, error) {
	yes := true
	return webauthn.New(&webauthn.Config{
		RPID:                  o.RelyingParty,
		RPDisplayName:         o.Issuer,
		RPOrigins:             o.Origins,
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey:        protocol.ResidentKeyRequirementRequired,
			RequireResidentKey: &yes,
			UserVerification:   protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{
			Login:        webauthn.TimeoutConfig{Timeout: challengeFor},
			Registration: webauthn.TimeoutConfig{Timeout: challengeFor},
		},
	})
}

// user is a person as the WebAuthn library asks for them. The handle that devices
// keep is the account's public id: it is random and tells nothing.
type user struct {
	holder
	credentials []webauthn.Credential
}

func (u user) WebAuthnID() []byte                         { return []byte(u.PublicID) }
func (u user) WebAuthnName() string                       { return u.Login }
func (u user) WebAuthnDisplayName() string                { return u.Name }
func (u user) WebAuthnCredentials() []webauthn.Credential { return u.credentials }

// passkeyRow is a passkey as it is kept.
type passkeyRow struct {
	ID             int64
	CredentialID   []byte
	PublicKey      []byte
	SignCount      int64
	Transports     textList
	AAGUID         []byte
	BackupEligible bool
	BackedUp       bool
}

// textList reads an array that a statement made JSON of.
type textList []string

// Scan reads the JSON.
func (l *textList) Scan(src any) error { return db.ScanJSON(src, (*[]string)(l)) }

// credential is the passkey as the library checks answers against it. That the user
// was verified is known of every passkey, for none is taken without.
func (r passkeyRow) credential() webauthn.Credential {
	c := webauthn.Credential{
		ID:        r.CredentialID,
		PublicKey: r.PublicKey,
		Flags: webauthn.CredentialFlags{
			UserPresent:    true,
			UserVerified:   true,
			BackupEligible: r.BackupEligible,
			BackupState:    r.BackedUp,
		},
		Authenticator: webauthn.Authenticator{AAGUID: r.AAGUID, SignCount: uint32(r.SignCount)},
	}
	for _, transport := range r.Transports {
		c.Transport = append(c.Transport, protocol.AuthenticatorTransport(transport))
	}
	return c
}

// wrong hides from the person why an answer was refused, and keeps it for the log and
// for tests.
func wrong(err error) error {
	reason := err.Error()
	if detailed, ok := err.(*protocol.Error); ok && detailed.DevInfo != "" {
		reason += ": " + detailed.DevInfo
	}
	return fmt.Errorf("%w (%s)", factors.ErrWrongPasskey, reason)
}
