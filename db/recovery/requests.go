package recovery

import (
	"context"
	"fmt"
	"time"

	"veche/db"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/codes"
	"veche/domain/recovery"
)

// channelOf is how a contact is reached.
func channelOf(contact accounts.Login) codes.Channel {
	switch contact.Kind {
	case accounts.ByEmail:
		return codes.Mail
	case accounts.ByPhone:
		return codes.SMS
	}
	return ""
}

// Plead puts a request before the support desk (REC-07) and answers its number. Whether
// there is such a person is for the desk to find out: the work, and the answer, are the
// same. Sent twice, a form asks once.
func (s *Store) Plead(ctx context.Context, actor access.Actor, p recovery.Plea) (string, error) {
	if err := access.Can(actor, access.RequestRecovery, access.Object{}); err != nil {
		return "", err
	}
	var number string
	return number, s.db.InTx(ctx, func(tx *db.Tx) error {
		account, err := candidate(ctx, tx, p)
		if err != nil {
			return err
		}
		id, err := s.ask(ctx, tx, plea{Plea: p, account: account, key: p.Key, lang: p.Lang})
		if err != nil {
			return err
		}
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		number = id.Number(now)
		return tx.Audit(ctx, actor, access.RequestRecovery, "", map[string]any{"request": id})
	})
}

// candidate is whose account a request may be about: by the login, the ИНН, or the
// contact, whichever is somebody's first.
func candidate(ctx context.Context, tx *db.Tx, p recovery.Plea) (accounts.ID, error) {
	var found []accounts.ID
	err := tx.Select(ctx, &found, `
		SELECT id FROM (
			SELECT 1 AS rank, id FROM accounts WHERE $1 = 'email' AND email = $2
			UNION ALL SELECT 1, id FROM accounts WHERE $1 = 'phone' AND phone = $2
			UNION ALL SELECT 1, id FROM accounts WHERE $1 = 'snils' AND snils = $2
			UNION ALL SELECT 1, id FROM accounts WHERE $1 = 'inn' AND inn = $2
			UNION ALL SELECT 2, id FROM accounts WHERE inn = $3
			UNION ALL SELECT 3, id FROM accounts WHERE $4 = 'email' AND email = $5
			UNION ALL SELECT 3, id FROM accounts WHERE $4 = 'phone' AND phone = $5
		) found
		ORDER BY rank
		LIMIT 1`, p.Login.Kind, p.Login.Value, p.INN, p.Contact.Kind, p.Contact.Value)
	if err != nil {
		return 0, fmt.Errorf("look for whom a request is about: %w", err)
	}
	if len(found) == 0 {
		return 0, nil
	}
	return found[0], nil
}

type requestRow struct {
	ID        recovery.RequestID
	State     recovery.RequestState
	Paper     bool
	CreatedAt time.Time
	DueAt     time.Time
	DecidedAt *time.Time
	Reason    string
}

const selectRequests = `
	SELECT id, state, recovery_id IS NOT NULL AS paper, created_at, due_at, decided_at, reason
	FROM recovery_requests`

func requestsOf(rows []requestRow) []recovery.Request {
	all := make([]recovery.Request, len(rows))
	for i, r := range rows {
		all[i] = recovery.Request(r)
	}
	return all
}

// shownRequests bounds the list of the desk.
const shownRequests = 50

// Waiting lists what waits at the desk, the most urgent first (REC-10).
func (s *Store) Waiting(ctx context.Context, actor access.Actor) (state string, waiting []recovery.Request, newest []int64, err error) {
	if err := access.Can(actor, access.HandleRecovery, access.Object{}); err != nil {
		return "", nil, nil, err
	}
	var rows []requestRow
	var keys []struct{ ID int64 }
	state, err = s.db.Look(ctx,
		db.Ask(&rows, selectRequests+` WHERE state = 'waiting' ORDER BY due_at, id LIMIT $1`, shownRequests),
		db.Ask(&keys, newestRequests))
	if err != nil {
		return "", nil, nil, fmt.Errorf("list requests: %w", err)
	}
	return state, requestsOf(rows), keysOf(keys), nil
}

const newestRequests = `SELECT id FROM recovery_requests WHERE state = 'waiting' ORDER BY id DESC LIMIT 100`

func keysOf(rows []struct{ ID int64 }) []int64 {
	keys := make([]int64, len(rows))
	for i, row := range rows {
		keys[i] = row.ID
	}
	return keys
}

// Newest answers the keys of the newest that wait, for the head of the list.
func (s *Store) Newest(ctx context.Context) (state string, keys []int64, err error) {
	var rows []struct{ ID int64 }
	if state, err = s.db.Look(ctx, db.Ask(&rows, newestRequests)); err != nil {
		return "", nil, fmt.Errorf("list the newest requests: %w", err)
	}
	return state, keysOf(rows), nil
}

// Requests reads requests as the list shows them.
func (s *Store) Requests(ctx context.Context, ids []recovery.RequestID) (state string, found map[recovery.RequestID]recovery.Request, err error) {
	var rows []requestRow
	if state, err = s.db.Look(ctx, db.Ask(&rows, selectRequests+` WHERE id = ANY($1)`, ids)); err != nil {
		return "", nil, fmt.Errorf("read requests: %w", err)
	}
	found = make(map[recovery.RequestID]recovery.Request, len(rows))
	for _, r := range requestsOf(rows) {
		found[r.ID] = r
	}
	return state, found, nil
}
