package site

import (
	"encoding/json"
	"net/http"
)

// Problem is an error answer of an HTTP API (RFC 9457). Code is for programs
// and does not change; Detail is for the developer who reads a log.
type Problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// Error makes a Problem usable as an error value.
func (p Problem) Error() string { return p.Detail }

// WriteProblem answers with a problem document.
func WriteProblem(w http.ResponseWriter, p Problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p)
}

// WriteJSON answers with value as JSON. The characters of HTML stay as they
// are: the type forbids reading the answer as a page.
func WriteJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.Encode(value)
}
