package recovery

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"image/jpeg"
	"slices"
	"strconv"
	"time"

	"github.com/gabriel-vasile/mimetype"

	"veche/db"
	"veche/domain/accounts"
	"veche/domain/recovery"
)

// errAltered says that what is kept of a copy is not what was once kept.
var errAltered = errors.New("the copy was altered, or sealed with another secret")

// Keep seals a copy and keeps it with a request. What a file is, its content says:
// neither its name nor what the browser called it counts. The same copy sent again
// for the same request is the one that is there.
func (s *Store) Keep(ctx context.Context, tx *db.Tx, request string, kind recovery.EvidenceKind, content []byte) (recovery.Evidence, error) {
	media, err := examine(content)
	if err != nil {
		return recovery.Evidence{}, err
	}
	e := recovery.Evidence{
		ID: accounts.NewPublicID(), Request: request, Kind: kind,
		MIME: media, Size: len(content), SHA256: sha256.Sum256(content),
	}
	nonce := newNonce(s.seal.NonceSize())
	kept, err := tx.Exec(ctx, `
		INSERT INTO recovery_evidence (public_id, request, kind, mime, size, sha256, sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT ON CONSTRAINT recovery_evidence_once DO NOTHING`,
		e.ID, e.Request, e.Kind, e.MIME, e.Size, e.SHA256[:], s.seal.Seal(nonce, nonce, content, bound(e)))
	if err != nil {
		return recovery.Evidence{}, fmt.Errorf("keep a copy: %w", err)
	}
	found := evidenceRow{}
	if err := tx.Get(ctx, &found, `
		SELECT public_id, request, kind, mime, size, sha256, created_at, erased_at
		FROM recovery_evidence
		WHERE request = $1 AND sha256 = $2`, request, e.SHA256[:]); err != nil {
		return recovery.Evidence{}, fmt.Errorf("read a copy that was kept (%d new): %w", kept, err)
	}
	return found.evidence(), nil
}

func newNonce(size int) []byte {
	nonce := make([]byte, size)
	_, _ = rand.Read(nonce) // never fails, crypto/rand says
	return nonce
}

// examine says what a copy is, or why it is not taken.
func examine(content []byte) (media string, err error) {
	switch {
	case len(content) == 0:
		return "", recovery.ErrNoEvidence
	case len(content) > recovery.MaxEvidence:
		return "", recovery.ErrLargeEvidence
	}
	found := mimetype.Detect(content)
	at := slices.IndexFunc(recovery.EvidenceTypes, found.Is)
	if at < 0 {
		return "", recovery.ErrForeignEvidence
	}
	media = recovery.EvidenceTypes[at]
	if !whole(media, content) {
		return "", recovery.ErrBrokenEvidence
	}
	return media, nil
}

// whole says whether a file has the beginning and the end that files of its type
// have: an upload that broke off, or something that only begins like one, has not.
func whole(media string, content []byte) bool {
	const ending = 1024 // bytes in which the end of a PDF stands (ISO 32000-1, annex H)
	tail := content[max(0, len(content)-ending):]
	if media == "application/pdf" {
		return bytes.HasPrefix(content, []byte("%PDF-")) && bytes.Contains(tail, []byte("%%EOF"))
	}
	_, err := jpeg.DecodeConfig(bytes.NewReader(content))
	return err == nil && bytes.Contains(tail, []byte{0xFF, 0xD9}) // EOI of ITU-T T.81, B.1.1.3
}

// bound is what the seal holds together with the copy: put into another row, a copy
// cannot be opened.
func bound(e recovery.Evidence) []byte {
	var text []byte
	for _, part := range []string{e.ID, e.Request, string(e.Kind), e.MIME, strconv.Itoa(e.Size), string(e.SHA256[:])} {
		text = fmt.Appendf(text, "%d:%s", len(part), part)
	}
	return text
}

// evidenceRow is a copy as it stands in its table.
type evidenceRow struct {
	PublicID  string
	Request   string
	Kind      recovery.EvidenceKind
	MIME      string `db:"mime"`
	Size      int
	SHA256    []byte `db:"sha256"`
	CreatedAt time.Time
	ErasedAt  *time.Time
}

func (r evidenceRow) evidence() recovery.Evidence {
	return recovery.Evidence{
		ID: r.PublicID, Request: r.Request, Kind: r.Kind, MIME: r.MIME, Size: r.Size,
		SHA256: [32]byte(r.SHA256), CreatedAt: r.CreatedAt, ErasedAt: r.ErasedAt,
	}
}

// Evidence lists what was shown for a request, the oldest first, without the copies.
func (s *Store) Evidence(ctx context.Context, tx *db.Tx, request string) ([]recovery.Evidence, error) {
	var rows []evidenceRow
	err := tx.Select(ctx, &rows, `
		SELECT public_id, request, kind, mime, size, sha256, created_at, erased_at
		FROM recovery_evidence
		WHERE request = $1
		ORDER BY id`, request)
	if err != nil {
		return nil, fmt.Errorf("list the copies of a request: %w", err)
	}
	listed := make([]recovery.Evidence, len(rows))
	for at, row := range rows {
		listed[at] = row.evidence()
	}
	return listed, nil
}

// Unseal opens a copy. Who may see it is for the caller to ask, and to write into the
// audit in the same transaction. It answers recovery.ErrGone for a copy that is not
// there or was erased.
func (s *Store) Unseal(ctx context.Context, tx *db.Tx, id string) (recovery.Evidence, []byte, error) {
	var found struct {
		evidenceRow
		Sealed []byte
	}
	err := tx.Get(ctx, &found, `
		SELECT public_id, request, kind, mime, size, sha256, created_at, erased_at, sealed
		FROM recovery_evidence
		WHERE public_id = $1 AND sealed IS NOT NULL`, id)
	if db.NoRows(err) {
		return recovery.Evidence{}, nil, recovery.ErrGone
	}
	if err != nil {
		return recovery.Evidence{}, nil, fmt.Errorf("read a copy: %w", err)
	}
	e, nonce := found.evidence(), s.seal.NonceSize()
	if len(found.Sealed) < nonce {
		return recovery.Evidence{}, nil, errAltered
	}
	content, err := s.seal.Open(nil, found.Sealed[:nonce], found.Sealed[nonce:], bound(e))
	if err != nil {
		return recovery.Evidence{}, nil, errAltered
	}
	return e, content, nil
}

// Erase removes the copies shown for a request, which was decided; their digests stay.
// Twice is no error.
func (s *Store) Erase(ctx context.Context, tx *db.Tx, request string) error {
	_, err := tx.Exec(ctx, `
		UPDATE recovery_evidence SET sealed = NULL, erased_at = now()
		WHERE request = $1 AND sealed IS NOT NULL`, request)
	if err != nil {
		return fmt.Errorf("erase the copies of a request: %w", err)
	}
	return nil
}

// KeptFor bounds how long a copy may wait for a decision. Nobody's passport lies here
// because something was forgotten.
const KeptFor = 30 * 24 * time.Hour

// EraseForgotten removes copies that nothing was decided by for too long, and the
// counts of rounds that no longer matter. It answers how many copies there were.
func (s *Store) EraseForgotten(ctx context.Context) (copies int64, err error) {
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		copies, err = tx.Exec(ctx, `
			UPDATE recovery_evidence SET sealed = NULL, erased_at = now()
			WHERE sealed IS NOT NULL AND created_at <= now() - $1 * interval '1 second'`, KeptFor.Seconds())
		if err != nil {
			return fmt.Errorf("erase forgotten copies: %w", err)
		}
		if _, err := tx.Exec(ctx, `
			DELETE FROM control_question_rounds WHERE since <= now() - $1::interval`, roundsTime); err != nil {
			return fmt.Errorf("forget old rounds: %w", err)
		}
		return nil
	})
	return copies, err
}
