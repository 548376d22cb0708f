package registers

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"
)

// Request is a question about a passport.
type Request struct {
	ID         string // of the question: 1 to 64 characters of A–Z a–z 0–9 . _ : -
	Surname    string
	Name       string
	Patronymic string    // "" for people who have none
	Birthdate  time.Time // zero leaves it out; only the day counts
	Series     string    // four digits
	Number     string    // six
	Copy       [32]byte  // SHA-256 of the copy that the portal holds
}

// Status is how far a check has come.
type Status string

// The states of a check; the last two are final.
const (
	Pending  Status = "pending"
	Match    Status = "match"
	Mismatch Status = "mismatch"
)

// Reason says why a paper does not match. Registers may know more of them than are
// listed here.
type Reason string

// The reasons the portal has words for.
const (
	Unknown        Reason = "unknown"   // no such paper was issued
	Invalid        Reason = "invalid"   // it was reported lost, or has lapsed
	OtherName      Reason = "name"      // it is somebody else's
	OtherBirthdate Reason = "birthdate" // likewise
)

// Check is what the register says.
type Check struct {
	ID     string // to ask with again
	Status Status
	Reason Reason // of a mismatch
}

// Final says that the register has decided.
func (c Check) Final() bool { return c.Status != Pending }

// Problems of asking.
var (
	ErrAway    = errors.New("the register of identity papers cannot be asked now")
	ErrUnknown = errors.New("the register of identity papers knows no such check")
)

// RefusedError is a question that the register will never take.
type RefusedError struct {
	Status int    // of HTTP
	Code   string // of the register, "" when it gives none
}

// Error says how the register answered.
func (e RefusedError) Error() string {
	return fmt.Sprintf("the register of identity papers refused the question with %d %s", e.Status, e.Code)
}

// wire is the question as it travels.
func (r Request) wire() map[string]string {
	said := map[string]string{
		"request": r.ID, "surname": r.Surname, "name": r.Name, "patronymic": r.Patronymic,
		"series": r.Series, "number": r.Number, "copy": hex.EncodeToString(r.Copy[:]),
	}
	if !r.Birthdate.IsZero() {
		said["birthdate"] = r.Birthdate.Format(time.DateOnly)
	}
	return said
}

// checkID is what may stand in an address as it is.
var checkID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

var reason = regexp.MustCompile(`^[a-z_]{0,40}$`)

// readCheck reads what the register says. What is none of the contract is as good as
// no answer: a paper must never pass because of it.
func readCheck(text []byte) (Check, error) {
	var said struct {
		Check  string `json:"check"`
		Status Status `json:"status"`
		Reason Reason `json:"reason"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return Check{}, fmt.Errorf("%w: its answer is no JSON", ErrAway)
	}
	known := said.Status == Pending || said.Status == Match || said.Status == Mismatch
	if !known || !checkID.MatchString(said.Check) || !reason.MatchString(string(said.Reason)) {
		return Check{}, fmt.Errorf("%w: its answer is not of the contract", ErrAway)
	}
	if said.Status != Mismatch {
		said.Reason = ""
	}
	return Check{ID: said.Check, Status: said.Status, Reason: said.Reason}, nil
}
