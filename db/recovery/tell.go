package recovery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"veche/db"
	"veche/domain/accounts"
	"veche/domain/codes"
	"veche/domain/recovery"
)

// recipient is a contact that something is told to.
type recipient struct {
	channel codes.Channel
	address string
}

// Tell sends what is told about a recovery. Whom, and what the message says, is read
// when it is sent; the job holds keys alone.
func (s *Store) Tell(ctx context.Context, about TellArgs) error {
	if s.joints.Messenger == nil {
		return nil
	}
	var message recovery.Message
	var to []recipient
	var err error
	if about.Request != 0 {
		message, to, err = s.tellOfRequest(ctx, about)
	} else {
		message, to, err = s.tellOfAccount(ctx, about)
	}
	if err != nil {
		return err
	}
	var failed error
	for _, r := range to {
		message.Channel, message.Address = r.channel, r.address
		message.ID = fmt.Sprintf("recovery-%s-%d-%d-%s", about.What, about.Recovery, about.Request, r.channel)
		if about.Recovery == 0 && about.Request == 0 {
			message.ID = fmt.Sprintf("recovery-%s-%d-%d-%s", about.What, about.Account, about.At, r.channel)
		}
		err := s.joints.Messenger.Tell(ctx, message)
		if refused := (codes.RefusedError{}); err != nil && !errors.As(err, &refused) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// tellOfAccount tells an account's owner at all their contacts.
func (s *Store) tellOfAccount(ctx context.Context, about TellArgs) (recovery.Message, []recipient, error) {
	message := recovery.Message{Kind: about.What}
	if about.Recovery != 0 {
		var rows []struct {
			Account accounts.ID
			Reason  string
		}
		_, err := s.db.Look(ctx, db.Ask(&rows, `
			SELECT coalesce(account_id, 0) AS account, reason FROM recoveries WHERE id = $1`, about.Recovery))
		if err != nil || len(rows) == 0 {
			return message, nil, err
		}
		about.Account, message.Reason = rows[0].Account, rows[0].Reason
	}
	owner, err := s.contacts(ctx, about.Account)
	message.Lang = owner.Lang
	return message, owner.all(), err
}

func (s *Store) contacts(ctx context.Context, account accounts.ID) (holder, error) {
	var rows []holder
	if _, err := s.db.Look(ctx, db.Ask(&rows, selectHolder+` WHERE id = $1`, account)); err != nil || len(rows) == 0 {
		return holder{}, err
	}
	return rows[0], nil
}

func (h holder) all() []recipient {
	var to []recipient
	for _, channel := range []codes.Channel{codes.SMS, codes.Mail} {
		if address := h.address(channel); address != "" {
			to = append(to, recipient{channel, address})
		}
	}
	return to
}

// tellOfRequest tells the owner of the account, or whoever asked.
func (s *Store) tellOfRequest(ctx context.Context, about TellArgs) (recovery.Message, []recipient, error) {
	var rows []sheetRow
	if _, err := s.db.Look(ctx, db.Ask(&rows, selectSheet, about.Request)); err != nil || len(rows) == 0 {
		return recovery.Message{}, nil, err
	}
	row := rows[0]
	message := recovery.Message{
		Kind: about.What, Lang: row.Lang, Number: row.ID.Number(row.CreatedAt), Reason: row.Reason,
	}
	given := []recipient{{row.Channel, row.TypedContact}}
	switch about.What {
	case recovery.TellRequested, recovery.TellIssued:
		owner, err := s.contacts(ctx, row.Account)
		message.Lang = owner.Lang
		return message, owner.all(), err
	case recovery.TellPassword:
		// A contact that nobody has proved to be theirs gets no password.
		if !row.bound() || row.State != recovery.RequestIssued {
			return message, nil, nil
		}
		message.Secret = string(s.temporary(row.ID))
		return message, given, nil
	}
	if row.TypedContact == "" {
		return message, nil, nil
	}
	return message, given, nil
}

// TellArgs is the job that tells people about a recovery: of an attempt, of a request to
// the desk, or of an account.
type TellArgs struct {
	What     recovery.MessageKind `json:"what"`
	Account  accounts.ID          `json:"account,omitempty"`
	Recovery int64                `json:"recovery,omitempty"`
	Request  recovery.RequestID   `json:"request,omitempty"`
	At       int64                `json:"at,omitempty"` // tells messages about an account apart
}

// Kind names the job.
func (TellArgs) Kind() string { return "recovery.tell" }

// CheckPaperArgs is the job that asks the register about a paper.
type CheckPaperArgs struct {
	Recovery int64 `json:"recovery"`
}

// Kind names the job.
func (CheckPaperArgs) Kind() string { return "recovery.check_paper" }

// again is how soon the register is asked again.
const again = 3 * time.Second
