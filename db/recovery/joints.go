package recovery

import (
	"context"

	"veche/db"
	accountsdb "veche/db/accounts"
	"veche/domain/access"
	"veche/domain/accounts"
	"veche/domain/codes"
	"veche/domain/proofs"
	"veche/domain/recovery"
)

// Accounts is what recovery asks of accounts.
type Accounts interface {
	Restore(ctx context.Context, tx *db.Tx, by access.Actor, r accountsdb.Restored, from accounts.Place) (public string, err error)
	OpenAgain(ctx context.Context, tx *db.Tx, of accounts.ID, from accounts.Place) (public string, err error)
	LiftSuspicion(ctx context.Context, tx *db.Tx, by access.Actor, of accounts.ID) (public string, err error)
}

// Codes sends codes and checks them.
type Codes interface {
	Request(ctx context.Context, tx *db.Tx, r codes.Request) (id string, err error)
	Resend(ctx context.Context, id, holder string) error
	Try(ctx context.Context, id string, purpose codes.Purpose, holder, typed string) (codes.Code, error)
	Use(ctx context.Context, tx *db.Tx, id string) error
}

// Proofs asks for the second proof that a person also has.
type Proofs interface {
	Means(ctx context.Context, account accounts.ID) (proofs.Means, error)
	Ask(ctx context.Context, who proofs.Who, wanted proofs.Method) (proofs.Question, error)
	Prove(ctx context.Context, who proofs.Who, answer proofs.Answer, then func(*db.Tx) error) error
}

// Register asks the state's register about a paper. An error is worth another try.
type Register interface {
	Ask(ctx context.Context, about recovery.PaperCheck) (recovery.Finding, error)
}

// Messenger tells people by text message or letter. What it answers with
// codes.RefusedError is not tried again.
type Messenger interface {
	Tell(ctx context.Context, m recovery.Message) error
}

// Joints are the other parts of the portal that getting back in needs.
type Joints struct {
	Accounts  Accounts
	Codes     Codes
	Proofs    Proofs
	Register  Register // nil where there is none: people decide (C-28)
	Messenger Messenger
}

// Join connects the store with them. Control questions and copies do without.
func (s *Store) Join(j Joints) { s.joints = j }
