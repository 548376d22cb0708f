package factors

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"veche/domain/accounts"
	"veche/domain/factors"
)

// keys follow from the portal's secret (HKDF with SHA-256, RFC 5869), one for each
// use. With another secret what was sealed cannot be opened and no code is right.
type keys struct {
	seal  cipher.AEAD // AES-256-GCM with a random nonce before the text
	codes []byte      // of HMAC-SHA256
}

func newKeys(secret []byte) (keys, error) {
	derive := func(use string) ([]byte, error) {
		key, err := hkdf.Key(sha256.New, secret, nil, "veche factors "+use, sha256.Size)
		if err != nil {
			return nil, fmt.Errorf("derive the key of %s: %w", use, err)
		}
		return key, nil
	}
	sealing, err := derive("totp keys")
	if err != nil {
		return keys{}, err
	}
	block, err := aes.NewCipher(sealing)
	if err != nil {
		return keys{}, fmt.Errorf("make the seal: %w", err)
	}
	var k keys
	if k.seal, err = cipher.NewGCMWithRandomNonce(block); err != nil {
		return keys{}, fmt.Errorf("make the seal: %w", err)
	}
	k.codes, err = derive("backup codes")
	return k, err
}

// sealed hides the key of an account's app. Moved to another account it opens no
// more, for the account is the additional data.
func (k keys) sealed(of accounts.ID, key []byte) []byte { return k.seal.Seal(nil, nil, key, owner(of)) }

// opened is the key that was sealed for the account.
func (k keys) opened(of accounts.ID, sealed []byte) ([]byte, error) {
	key, err := k.seal.Open(nil, nil, sealed, owner(of))
	if err != nil {
		return nil, fmt.Errorf("open the key of account %d (is the portal's secret another one?): %w", of, err)
	}
	return key, nil
}

// hash is what is kept of a backup code. The codes are random, 40 bits each, so that
// a slow hash is not needed: without the portal's secret there is nothing to try
// guesses against, and whoever has the secret signs in without codes.
func (k keys) hash(of accounts.ID, code factors.BackupCode) []byte {
	mac := hmac.New(sha256.New, k.codes)
	mac.Write(owner(of))
	mac.Write([]byte(code))
	return mac.Sum(nil)
}

func owner(of accounts.ID) []byte { return binary.BigEndian.AppendUint64(nil, uint64(of)) }
