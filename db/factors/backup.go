package factors

import (
	"context"
	"fmt"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/factors"
)

// MakeBackupCodes makes the actor new codes; those before are void. They are known to
// nobody but the caller from then on.
func (s *Store) MakeBackupCodes(ctx context.Context, actor access.Actor) ([]factors.BackupCode, error) {
	if err := own(actor, access.ChangeFactors); err != nil {
		return nil, err
	}
	var codes []factors.BackupCode
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		person, err := hold(ctx, tx, actor.Account)
		if err != nil {
			return err
		}
		if !person.On() {
			return factors.ErrOff
		}
		codes, err = s.makeCodes(ctx, tx, actor)
		return err
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// makeCodes replaces the codes of an account that is held.
func (s *Store) makeCodes(ctx context.Context, tx *db.Tx, actor access.Actor) ([]factors.BackupCode, error) {
	if err := voidCodes(ctx, tx, actor.Account); err != nil {
		return nil, err
	}
	codes := factors.NewBackupCodes()
	hashes := make([][]byte, len(codes))
	for i, code := range codes {
		hashes[i] = s.keys.hash(actor.Account, code)
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO backup_codes (account_id, hash)
		SELECT $1, unnest($2::bytea[])`, actor.Account, hashes)
	if err != nil {
		return nil, fmt.Errorf("keep the backup codes of account %d: %w", actor.Account, err)
	}
	return codes, tell(ctx, tx, actor, factors.BackupCodesMade{Account: actor.Public}, factors.Backup)
}

func voidCodes(ctx context.Context, tx *db.Tx, of accounts.ID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM backup_codes WHERE account_id = $1`, of); err != nil {
		return fmt.Errorf("void the backup codes of account %d: %w", of, err)
	}
	return nil
}

// UseBackupCode takes one of a person's codes, as it was typed, once. Its problem is
// factors.ErrWrongBackup, for a code that was used as for one that never was.
func (s *Store) UseBackupCode(ctx context.Context, tx *db.Tx, id accounts.ID, typed string) error {
	code, err := factors.ParseBackupCode(typed)
	if err != nil {
		return err
	}
	used, err := tx.Exec(ctx, `
		UPDATE backup_codes SET used_at = clock_timestamp()
		WHERE account_id = $1 AND hash = $2 AND used_at IS NULL`, id, s.keys.hash(id, code))
	if err != nil {
		return fmt.Errorf("use a backup code of account %d: %w", id, err)
	}
	if used == 0 {
		return factors.ErrWrongBackup
	}
	person, err := find(ctx, tx, id)
	if err != nil {
		return err
	}
	return tell(ctx, tx, access.Actor{Account: id, Public: person.PublicID},
		factors.BackupCodeUsed{Account: person.PublicID}, factors.Backup)
}
