package inbox

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestListenersAreBounded(t *testing.T) {
	s := &screen{box: NewBox(Ordinary, time.Now), listeners: make(chan struct{}, 1)}
	s.listeners <- struct{}{}
	recorder := httptest.NewRecorder()
	s.events(recorder, httptest.NewRequest(http.MethodGet, "/events", nil))
	if recorder.Code != http.StatusServiceUnavailable || recorder.Header().Get("Retry-After") == "" {
		t.Errorf("one listener too many got %d", recorder.Code)
	}
}
