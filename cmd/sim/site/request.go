package site

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
)

// maxBody bounds the body of a request to an API, in bytes.
const maxBody = 16 << 10

var (
	errNotJSON = Problem{Status: http.StatusUnsupportedMediaType, Code: "not_json", Detail: "the body is application/json"}
	errLarge   = Problem{Status: http.StatusRequestEntityTooLarge, Code: "too_large", Detail: "the body has at most 16 KB"}
)

// ReadJSON reads the one JSON object that a request consists of, without members that
// T has not. It answers a Problem: malformed where the body is anything else.
func ReadJSON[T any](w http.ResponseWriter, r *http.Request, malformed Problem) (T, error) {
	var asked, none T
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return none, errNotJSON
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&asked)
	if err == nil {
		if _, err = decoder.Token(); err == io.EOF {
			return asked, nil
		}
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return none, errLarge
	}
	return none, malformed
}

// Refuse answers with the Problem in err, otherwise where there is none, and says when
// to come again where the part is away.
func Refuse(w http.ResponseWriter, err error, otherwise Problem) {
	var refusal Problem
	if !errors.As(err, &refusal) {
		refusal = otherwise
	}
	if refusal.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	WriteProblem(w, refusal)
}
