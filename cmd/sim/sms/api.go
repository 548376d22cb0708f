package sms

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"veche/cmd/sim/site"
)

const (
	maxSegments = 10
	maxCallback = 2048
)

var clientID = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,64}$`)

// The refusals of the gateway. Their codes are the contract.
var (
	errToken   = site.Problem{Status: http.StatusUnauthorized, Code: "invalid_token", Detail: "the bearer token is missing or wrong"}
	errJSON    = site.Problem{Status: http.StatusBadRequest, Code: "invalid_json", Detail: "the body is one JSON object with id, to, text and callback"}
	errID      = site.Problem{Status: http.StatusUnprocessableEntity, Code: "invalid_id", Detail: "id has 1 to 64 characters of A-Z a-z 0-9 . _ : -"}
	errNumber  = site.Problem{Status: http.StatusUnprocessableEntity, Code: "invalid_number", Detail: "to is an E.164 number such as +79161234567"}
	errText    = site.Problem{Status: http.StatusUnprocessableEntity, Code: "invalid_text", Detail: "text is not empty"}
	errLong    = site.Problem{Status: http.StatusUnprocessableEntity, Code: "too_long", Detail: "text takes more than 10 segments"}
	errRefused = site.Problem{Status: http.StatusUnprocessableEntity, Code: "number_refused", Detail: "the operator does not take messages to this number"}
	errReused  = site.Problem{Status: http.StatusConflict, Code: "id_reused", Detail: "the id belongs to a message with other content"}
	errBusy    = site.Problem{Status: http.StatusServiceUnavailable, Code: "busy", Detail: "the gateway is busy; send again with the same id"}
	errUnknown = site.Problem{Status: http.StatusNotFound, Code: "not_found", Detail: "there is no such message"}
)

// sendRequest is the body of a send.
type sendRequest struct {
	ID       string `json:"id"`
	To       string `json:"to"`
	Text     string `json:"text"`
	Callback string `json:"callback"`
}

// answer is what the gateway says of a message.
type answer struct {
	Message  string `json:"message"`
	ID       string `json:"id"`
	Status   Status `json:"status"`
	Reason   string `json:"reason,omitempty"`
	Segments int    `json:"segments"`
}

func (m message) answer() answer {
	return answer{Message: m.Message, ID: m.ID, Status: m.Status, Reason: m.Reason, Segments: m.Segments}
}

func (g *Gateway) mount(mux *http.ServeMux, frame *site.Site) (err error) {
	if g.page, err = frame.Page(files, "page.html"); err != nil {
		return err
	}
	mux.HandleFunc("GET /sms", g.show)
	mux.HandleFunc("POST /sms/v1/messages", g.authorized(g.send))
	mux.HandleFunc("GET /sms/v1/messages/{message}", g.authorized(g.status))
	return nil
}

// authorized lets only the holder of the token through, in a time that tells
// nothing about it.
func (g *Gateway) authorized(next http.HandlerFunc) http.HandlerFunc {
	want := sha256.Sum256([]byte(g.config.Token))
	return func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		given := sha256.Sum256([]byte(token))
		if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(given[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", `Bearer realm="sms"`)
			site.WriteProblem(w, errToken)
			return
		}
		next(w, r)
	}
}

func (g *Gateway) send(w http.ResponseWriter, r *http.Request) {
	m, isNew, err := g.take(w, r)
	if err != nil {
		site.Refuse(w, err, errJSON)
		return
	}
	reply := m.answer()
	if isNew {
		reply.Status, reply.Reason = Accepted, "" // what became of it is for the receipt to say
	} else {
		w.Header().Set("Idempotent-Replay", "true")
	}
	site.WriteJSON(w, http.StatusAccepted, reply)
}

// take reads, checks and accepts one message.
func (g *Gateway) take(w http.ResponseWriter, r *http.Request) (message, bool, error) {
	request, err := site.ReadJSON[sendRequest](w, r, errJSON)
	if err != nil {
		return message{}, false, err
	}
	count, err := g.examine(request)
	if err != nil {
		return message{}, false, err
	}
	m, isNew, err := g.accept(request, count)
	if err != nil {
		return message{}, false, err
	}
	if m.sendRequest != request {
		return message{}, false, errReused
	}
	return m, isNew, nil
}

// examine checks what the sender wrote and counts its segments.
func (g *Gateway) examine(request sendRequest) (int, error) {
	if !clientID.MatchString(request.ID) {
		return 0, errID
	}
	if !e164.MatchString(request.To) {
		return 0, errNumber
	}
	if strings.TrimSpace(request.Text) == "" {
		return 0, errText
	}
	count := segments(request.Text)
	if count > maxSegments {
		return 0, errLong
	}
	if err := g.examineCallback(request.Callback); err != nil {
		return 0, err
	}
	switch fate := g.fate(request.To); {
	case fate.refused:
		return 0, errRefused
	case fate.busy:
		return 0, errBusy
	}
	return count, nil
}

func (g *Gateway) examineCallback(callback string) error {
	if callback == "" {
		return nil
	}
	err := g.courier.check(callback)
	if err == nil && len(callback) > maxCallback {
		err = errCallback
	}
	switch {
	case errors.Is(err, errCallbackAddress):
		return site.Problem{Status: http.StatusUnprocessableEntity, Code: "callback_not_allowed", Detail: err.Error()}
	case err != nil:
		return site.Problem{Status: http.StatusUnprocessableEntity, Code: "invalid_callback", Detail: err.Error()}
	}
	return nil
}

func (g *Gateway) status(w http.ResponseWriter, r *http.Request) {
	m, found := g.find(r.PathValue("message"))
	if !found {
		site.WriteProblem(w, errUnknown)
		return
	}
	site.WriteJSON(w, http.StatusOK, m.answer())
}
