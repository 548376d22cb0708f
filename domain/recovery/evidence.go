package recovery

import (
	"time"

	"veche/domain/problem"
)

// EvidenceKind is what a copy is of.
type EvidenceKind string

// The kinds of papers people show.
const (
	Passport   EvidenceKind = "passport"
	OtherPaper EvidenceKind = "other" // with which a person proves who they are
)

// MaxEvidence is the largest copy that is taken, in bytes: identity papers have at
// most 5 MB (C-01).
const MaxEvidence = 5 << 20

// EvidenceTypes are the media types that are taken, as the content shows them and
// whatever the file is called (C-02).
var EvidenceTypes = []string{"application/pdf", "image/jpeg"}

// EvidenceField is the name of the form's field.
const EvidenceField = "evidence"

// Evidence is a copy as the portal knows it; the copy itself is sealed.
type Evidence struct {
	ID        string // random; stands in addresses
	Request   string // public id of what it was shown for
	Kind      EvidenceKind
	MIME      string
	Size      int
	SHA256    [32]byte
	CreatedAt time.Time
	ErasedAt  *time.Time // nil while the copy is kept
}

// Problems of a copy.
var (
	ErrNoEvidence      = problem.InField(EvidenceField, "recovery.problem.no_evidence")
	ErrLargeEvidence   = problem.InField(EvidenceField, "recovery.problem.large_evidence")
	ErrForeignEvidence = problem.InField(EvidenceField, "recovery.problem.foreign_evidence")
	ErrBrokenEvidence  = problem.InField(EvidenceField, "recovery.problem.broken_evidence")
	ErrGone            = problem.New(problem.NotFound, "recovery.problem.evidence_gone")
)
