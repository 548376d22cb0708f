package recovery

import (
	"time"

	"veche/domain/accounts"
	"veche/domain/codes"
	"veche/domain/problem"
)

// Intent is what somebody wants back.
type Intent string

// The intents: a new password (REC-01), or sign-in opened again (REC-04, REC-05).
const (
	ForPassword Intent = "password"
	ForUnlock   Intent = "unlock"
)

// Purpose is the purpose of the code that is asked for.
func (i Intent) Purpose() codes.Purpose {
	if i == ForUnlock {
		return codes.ForUnlock
	}
	return codes.ForRecover
}

// Step is what is asked for next.
type Step string

// The steps. Every attempt begins with a code to a contact that is bound to the
// account (REC-08).
const (
	StepCode      Step = "code"
	StepQuestions Step = "questions"
	StepProof     Step = "proof"    // by an app or a key that the person also has
	StepPassword  Step = "password" // the new one
	StepEvidence  Step = "evidence" // a copy of an identity paper
	StepWaiting   Step = "waiting"  // for the decision about it
	StepDone      Step = "done"
)

// How long things last.
const (
	AttemptFor = 30 * time.Minute
	// FollowFor is how long a person can follow what is decided about their paper.
	FollowFor = 24 * time.Hour
	// DecideWithin is how long the register is waited for before people look (C-28).
	DecideWithin = 10 * time.Minute
	// TemporaryFor is how long a temporary password is good (REC-06).
	TemporaryFor = 24 * time.Hour
	// AnswerWithin is by when the support desk answers: recovery is urgent (REC-10, SUP-14).
	AnswerWithin = 30 * time.Minute
)

// Attempt is somebody on the way back into an account, or into one that is not there.
type Attempt struct {
	Key      int64
	ID       string // public; names it to live regions and copies of papers
	Intent   Intent
	Account  accounts.ID // 0 where nobody has the login
	Login    accounts.Login
	Step     Step
	Channel  codes.Channel // of the code
	Switched bool          // to the contact that was not asked for first (REC-02)
	Code     string        // public id
	State    State         // of the decision, in StepWaiting
}

// Holder is who may answer the codes and proofs of the attempt.
func (a Attempt) Holder() string { return "recovery:" + a.ID }

// FirstChannel is where the code goes for a login: to that very contact, and for the
// numbers of papers to the phone (REC-01).
func FirstChannel(kind accounts.LoginKind) codes.Channel {
	if kind == accounts.ByEmail {
		return codes.Mail
	}
	return codes.SMS
}

// Other is the contact that is tried when one is unavailable.
func Other(channel codes.Channel) codes.Channel {
	if channel == codes.Mail {
		return codes.SMS
	}
	return codes.Mail
}

// Facts are what the next step depends on. They are asked for after the code was right:
// before that every attempt looks the same.
type Facts struct {
	Lock      accounts.Lock
	Questions bool // the person set control questions
	Proof     bool // the person has an app or a key for the second proof
}

// Next is the step that follows the one that was just done, or why there is none.
func (a Attempt) Next(f Facts) (Step, error) {
	switch {
	case f.Lock == accounts.LockBlocked:
		return "", accounts.ErrBlocked
	case a.Intent == ForUnlock:
		return a.nextToUnlock(f), nil
	}
	switch a.Step {
	case StepCode:
		// A phone that is out of reach is made up for by the answers, never by them alone.
		if a.Switched && f.Questions {
			return StepQuestions, nil
		}
		fallthrough
	case StepQuestions:
		if f.Proof {
			return StepProof, nil
		}
		return StepPassword, nil
	case StepProof:
		return StepPassword, nil
	}
	return StepDone, nil
}

func (a Attempt) nextToUnlock(f Facts) Step {
	suspicious := f.Lock == accounts.LockSuspicious
	switch a.Step {
	case StepCode:
		switch {
		case suspicious:
			return StepEvidence
		case a.Switched && f.Questions:
			return StepQuestions
		}
	case StepEvidence:
		if f.Questions {
			return StepQuestions
		}
		return StepWaiting
	case StepQuestions:
		if suspicious {
			return StepWaiting
		}
	}
	return StepDone
}

// State is how far the decision about a paper has come.
type State string

// The states of a decision.
const (
	Checking State = "checking" // the register is asked
	AtDesk   State = "desk"     // people decide
	Approved State = "approved"
	Refused  State = "refused"
)

// Final says that it is decided.
func (s State) Final() bool { return s == Approved || s == Refused }

// Problems of recovery.
var (
	// ErrOver says that the attempt took too long, belongs to another browser, or is at
	// another step.
	ErrOver         = problem.New(problem.Conflict, "recovery.problem.over")
	ErrWrongAnswers = problem.New(problem.Invalid, "recovery.problem.wrong_answers")
)
