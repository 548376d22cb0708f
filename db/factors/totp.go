package factors

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/factors"
)

// What apps take for granted, whatever a QR code says: SHA-1, six digits, a step of
// thirty seconds (RFC 6238; the key URI format of Google Authenticator).
const (
	period  = 30 // seconds
	keySize = 20 // bytes, as RFC 4226 recommends (4, R6)
)

// skew is how many steps an app's clock may be off, either way (RFC 6238, 5.2).
const skew = 1

// pendingFor is how long a key that was shown waits for the app's first code.
const pendingFor = time.Hour

// TOTPSetup is what a person gives to their app, by its camera or by hand.
type TOTPSetup struct {
	Key string // base 32
	URI string // otpauth://totp/…
	QR  []byte // the URI as a PNG with its quiet zone
}

// BeginTOTP makes the key for the actor's app. Nothing depends on it until
// ConfirmTOTP; asked again within the hour, it answers the same one, so that a page
// that is loaded again does not undo what the camera has read.
func (s *Store) BeginTOTP(ctx context.Context, actor access.Actor) (TOTPSetup, error) {
	if err := own(actor, access.ChangeFactors); err != nil {
		return TOTPSetup{}, err
	}
	var setup TOTPSetup
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		person, err := hold(ctx, tx, actor.Account)
		if err != nil {
			return err
		}
		if person.TOTP {
			return factors.ErrHasTOTP
		}
		key, err := s.pendingKey(ctx, tx, actor.Account)
		if err != nil {
			return err
		}
		setup, err = s.setup(person, key)
		return err
	})
	return setup, err
}

// pendingKey is the key that waits for confirmation, or a new one.
func (s *Store) pendingKey(ctx context.Context, tx *db.Tx, id accounts.ID) ([]byte, error) {
	var sealed []byte
	err := tx.Get(ctx, &sealed, `
		SELECT sealed FROM totp_keys
		WHERE account_id = $1 AND created_at > now() - $2::interval`, id, pendingFor)
	if err == nil {
		return s.keys.opened(id, sealed)
	}
	if !db.NoRows(err) {
		return nil, fmt.Errorf("load the key of account %d: %w", id, err)
	}
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails: the program ends when there is no randomness
	_, err = tx.Exec(ctx, `
		INSERT INTO totp_keys (account_id, sealed)
		VALUES ($1, $2)
		ON CONFLICT (account_id) DO UPDATE
		SET sealed = excluded.sealed, created_at = now(), last_step = 0`, id, s.keys.sealed(id, key))
	if err != nil {
		return nil, fmt.Errorf("keep the key of account %d: %w", id, err)
	}
	return key, nil
}

func (s *Store) setup(person holder, key []byte) (TOTPSetup, error) {
	made, err := totp.Generate(totp.GenerateOpts{Issuer: s.o.Issuer, AccountName: person.Login, Secret: key})
	if err != nil {
		return TOTPSetup{}, fmt.Errorf("make the address of the key: %w", err)
	}
	drawn, err := drawQR(made.URL())
	if err != nil {
		return TOTPSetup{}, err
	}
	return TOTPSetup{Key: made.Secret(), URI: made.URL(), QR: drawn}, nil
}

// drawQR draws a QR code with the quiet zone of four modules that ISO/IEC 18004 asks
// for, so that a camera finds it on dark pages too.
func drawQR(text string) ([]byte, error) {
	const module, quiet = 5, 4 // pixels, modules
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("draw a QR code: %w", err)
	}
	modules := code.Bounds().Dx()
	side := (modules + 2*quiet) * module
	drawn := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for x := range modules * module {
		for y := range modules * module {
			if dark, _, _, _ := code.At(x/module, y/module).RGBA(); dark == 0 {
				drawn.SetColorIndex(x+quiet*module, y+quiet*module, 1)
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, drawn); err != nil {
		return nil, fmt.Errorf("draw a QR code: %w", err)
	}
	return out.Bytes(), nil
}

// ConfirmTOTP takes the first code of the actor's app, and with it the app: from then
// on its codes are what the actor is asked for (SEC-03). Where this switches the
// second factor on, it answers backup codes, as Prefer does.
func (s *Store) ConfirmTOTP(ctx context.Context, actor access.Actor, typed string) ([]factors.BackupCode, error) {
	if err := own(actor, access.ChangeFactors); err != nil {
		return nil, err
	}
	var codes []factors.BackupCode
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		person, err := hold(ctx, tx, actor.Account)
		if err != nil {
			return err
		}
		if person.TOTP {
			return factors.ErrHasTOTP
		}
		key, err := s.heldKey(ctx, tx, actor.Account)
		if err != nil {
			return err
		}
		if key == nil {
			return factors.ErrNothingBegun
		}
		if err := s.takeStep(ctx, tx, actor.Account, *key, typed); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE totp_keys SET confirmed_at = now() WHERE account_id = $1`, actor.Account); err != nil {
			return fmt.Errorf("confirm the key of account %d: %w", actor.Account, err)
		}
		if err := tell(ctx, tx, actor, factors.Added{Account: actor.Public, Method: factors.TOTP}, factors.TOTP); err != nil {
			return err
		}
		codes, err = s.prefer(ctx, tx, actor, person.Methods, factors.TOTP)
		return err
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// RemoveTOTP forgets the actor's app. Where its codes were asked for, the next best
// method is from then on.
func (s *Store) RemoveTOTP(ctx context.Context, actor access.Actor) error {
	if err := own(actor, access.ChangeFactors); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		person, err := hold(ctx, tx, actor.Account)
		if err != nil {
			return err
		}
		if !person.TOTP {
			return factors.ErrNoTOTP
		}
		left, err := person.Without(factors.TOTP)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM totp_keys WHERE account_id = $1`, actor.Account); err != nil {
			return fmt.Errorf("forget the key of account %d: %w", actor.Account, err)
		}
		if err := tell(ctx, tx, actor, factors.Removed{Account: actor.Public, Method: factors.TOTP}, factors.TOTP); err != nil {
			return err
		}
		return choose(ctx, tx, actor, person.Preferred, left.Preferred)
	})
}

// CheckTOTP takes a code of a person's app, as it was typed, once. Its problems are
// factors.ErrWrongCode and, for the right code a second time, factors.ErrUsedCode.
func (s *Store) CheckTOTP(ctx context.Context, tx *db.Tx, id accounts.ID, typed string) error {
	key, err := s.heldKey(ctx, tx, id)
	if err != nil {
		return err
	}
	if key == nil || !key.Confirmed {
		return factors.ErrWrongCode
	}
	return s.takeStep(ctx, tx, id, *key, typed)
}

// totpKey is the key of an app that is held until the end of the transaction.
type totpKey struct {
	Sealed    []byte
	LastStep  int64
	Confirmed bool
}

// heldKey is nil when the account has none.
func (s *Store) heldKey(ctx context.Context, tx *db.Tx, id accounts.ID) (*totpKey, error) {
	var key totpKey
	err := tx.Get(ctx, &key, `
		SELECT sealed, last_step, confirmed_at IS NOT NULL AS confirmed
		FROM totp_keys WHERE account_id = $1
		FOR UPDATE`, id)
	if db.NoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("hold the key of account %d: %w", id, err)
	}
	return &key, nil
}

// takeStep finds the step a code belongs to and remembers it: neither that code nor
// any before it is taken again (RFC 6238, 5.2).
func (s *Store) takeStep(ctx context.Context, tx *db.Tx, id accounts.ID, key totpKey, typed string) error {
	digits, err := factors.ParseCode(typed)
	if err != nil {
		return err
	}
	secret, err := s.keys.opened(id, key.Sealed)
	if err != nil {
		return err
	}
	now, err := s.now(ctx, tx)
	if err != nil {
		return err
	}
	step, err := stepOf(secret, digits, now.Unix()/period)
	switch {
	case err != nil:
		return err
	case step == 0:
		return factors.ErrWrongCode
	case step <= key.LastStep:
		return factors.ErrUsedCode
	}
	if _, err := tx.Exec(ctx, `UPDATE totp_keys SET last_step = $2 WHERE account_id = $1`, id, step); err != nil {
		return fmt.Errorf("remember the step of account %d: %w", id, err)
	}
	return nil
}

// stepOf is the latest step near a time whose code is digits; 0 when none is. All are
// compared, so that the time it takes tells nothing.
func stepOf(secret []byte, digits string, now int64) (int64, error) {
	found := int64(0)
	text := base32.StdEncoding.EncodeToString(secret)
	for step := now - skew; step <= now+skew; step++ {
		code, err := hotp.GenerateCodeCustom(text, uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, fmt.Errorf("make the code of a step: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(code), []byte(digits)) == 1 {
			found = step
		}
	}
	return found, nil
}
