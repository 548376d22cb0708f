package oidc

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/go-jose/go-jose/v4"
)

const (
	keyBits = 2048
	// keptKeys are published: the one that signs, and those before it, for tokens that
	// are still about.
	keptKeys = 3
)

// ring holds the signing keys of one issuer, the newest last. The first is made when
// it is first needed.
type ring struct {
	mu   sync.Mutex
	keys []jose.JSONWebKey
}

// rotate signs with a new key from now on.
func (r *ring) rotate() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.filled(); err != nil { // what was signed so far stays good
		return err
	}
	return r.add()
}

func (r *ring) filled() error {
	if len(r.keys) > 0 {
		return nil
	}
	return r.add()
}

func (r *ring) add() error {
	private, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return fmt.Errorf("make a signing key: %w", err)
	}
	r.keys = append(r.keys, jose.JSONWebKey{Key: private, KeyID: rand.Text(), Algorithm: string(jose.RS256), Use: "sig"})
	if len(r.keys) > keptKeys {
		r.keys = r.keys[len(r.keys)-keptKeys:]
	}
	return nil
}

// public are the keys as clients see them (RFC 7517).
func (r *ring) public() (jose.JSONWebKeySet, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.filled(); err != nil {
		return jose.JSONWebKeySet{}, err
	}
	var set jose.JSONWebKeySet
	for _, key := range r.keys {
		set.Keys = append(set.Keys, key.Public())
	}
	return set, nil
}

// sign makes a compact JWT of the claims. kind is its typ.
func (r *ring) sign(kind string, claims map[string]any) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.filled(); err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.RS256, Key: r.keys[len(r.keys)-1]},
		(&jose.SignerOptions{}).WithType(jose.ContentType(kind)),
	)
	if err != nil {
		return "", fmt.Errorf("prepare the signature: %w", err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("write the claims: %w", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return signed.CompactSerialize()
}

var errNotOurs = errors.New("the token was not signed here")

// read gives the claims of a token that was signed here, however old it is.
func (r *ring) read(token string, claims any) error {
	set, err := r.public()
	if err != nil {
		return err
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil || len(signed.Signatures) != 1 {
		return errNotOurs
	}
	for _, key := range set.Key(signed.Signatures[0].Header.KeyID) {
		if payload, err := signed.Verify(key); err == nil {
			return json.Unmarshal(payload, claims)
		}
	}
	return errNotOurs
}
