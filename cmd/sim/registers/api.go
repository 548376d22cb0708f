package registers

import (
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"veche/cmd/sim/site"
)

const (
	maxName = 100 // characters
)

var (
	requestID = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,64}$`)
	series    = regexp.MustCompile(`^[0-9]{4}$`)
	number    = regexp.MustCompile(`^[0-9]{6}$`)
	digest    = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// The refusals of the register. Their codes are the contract.
var (
	errJSON     = site.Problem{Status: http.StatusBadRequest, Code: "invalid_json", Detail: "the body is one JSON object with request, surname, name, patronymic, birthdate, series, number and copy"}
	errRequest  = site.Problem{Status: http.StatusUnprocessableEntity, Code: "invalid_request", Detail: "request has 1 to 64 characters of A-Z a-z 0-9 . _ : -"}
	errPerson   = site.Problem{Status: http.StatusUnprocessableEntity, Code: "invalid_person", Detail: "surname and name are not empty, birthdate is a day such as 1988-03-14 or left out"}
	errDocument = site.Problem{Status: http.StatusUnprocessableEntity, Code: "invalid_document", Detail: "series has four digits, number six"}
	errCopy     = site.Problem{Status: http.StatusUnprocessableEntity, Code: "invalid_copy", Detail: "copy is the SHA-256 of the copy, 64 hexadecimal digits"}
	errReused   = site.Problem{Status: http.StatusConflict, Code: "request_reused", Detail: "the request belongs to a check of other content"}
	errAway     = site.Problem{Status: http.StatusServiceUnavailable, Code: "away", Detail: "the register cannot be asked now; ask again with the same request"}
	errMissing  = site.Problem{Status: http.StatusNotFound, Code: "not_found", Detail: "there is no such check"}
)

// checkRequest is the body of a question.
type checkRequest struct {
	Request    string `json:"request"`
	Surname    string `json:"surname"`
	Name       string `json:"name"`
	Patronymic string `json:"patronymic"`
	Birthdate  string `json:"birthdate"`
	Series     string `json:"series"`
	Number     string `json:"number"`
	Copy       string `json:"copy"`
}

// answer is what the register says of a check.
type answer struct {
	Check   string     `json:"check"`
	Request string     `json:"request"`
	Status  Status     `json:"status"`
	Reason  Reason     `json:"reason,omitempty"`
	At      *time.Time `json:"at,omitempty"`
}

func (c check) answer(now time.Time) answer {
	a := answer{Check: c.ID, Request: c.Request, Status: c.status(now)}
	if a.Status != Pending {
		a.Reason, a.At = c.reason, &c.due
	}
	return a
}

// api is what callers with a certificate reach.
func (r *Register) api() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+checksPath, r.ask)
	mux.HandleFunc("GET "+checksPath+"/{check}", r.tell)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { site.WriteProblem(w, errMissing) })
	return mux
}

func (r *Register) ask(w http.ResponseWriter, request *http.Request) {
	asked, err := site.ReadJSON[checkRequest](w, request, errJSON)
	if err == nil {
		err = asked.examine()
	}
	if err != nil {
		site.Refuse(w, err, errJSON)
		return
	}
	found, isNew := r.begin(asked)
	if found.checkRequest != asked {
		site.WriteProblem(w, errReused)
		return
	}
	if !isNew {
		w.Header().Set("Idempotent-Replay", "true")
	}
	site.WriteJSON(w, http.StatusAccepted, found.answer(r.now()))
}

func (r *Register) tell(w http.ResponseWriter, request *http.Request) {
	found, ok := r.find(request.PathValue("check"))
	if !ok {
		site.WriteProblem(w, errMissing)
		return
	}
	site.WriteJSON(w, http.StatusOK, found.answer(r.now()))
}

// examine checks what the asker wrote.
func (asked checkRequest) examine() error {
	switch trial, _ := trialOf(asked.Series, asked.Number); {
	case !requestID.MatchString(asked.Request):
		return errRequest
	case !isName(asked.Surname) || !isName(asked.Name) || asked.Patronymic != "" && !isName(asked.Patronymic):
		return errPerson
	case !isDay(asked.Birthdate):
		return errPerson
	case !series.MatchString(asked.Series) || !number.MatchString(asked.Number):
		return errDocument
	case !digest.MatchString(asked.Copy):
		return errCopy
	case trial.away:
		return errAway
	}
	return nil
}

func isName(name string) bool {
	return strings.TrimSpace(name) != "" && utf8.RuneCountInString(name) <= maxName
}

func isDay(day string) bool {
	if day == "" {
		return true
	}
	_, err := time.Parse(time.DateOnly, day)
	return err == nil
}
