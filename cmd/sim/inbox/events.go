package inbox

import (
	"io"
	"net/http"
	"time"

	"veche/cmd/sim/site"
)

const (
	highestListeners = 100
	heartbeat        = 25 * time.Second
)

// events tells the page, by Server-Sent Events, that the box has changed; the
// page then fetches itself anew. The first event goes out at once, so nothing
// is missed between drawing the page and opening the stream.
func (s *screen) events(w http.ResponseWriter, r *http.Request) {
	select {
	case s.listeners <- struct{}{}:
		defer func() { <-s.listeners }()
	default:
		w.Header().Set("Retry-After", "5")
		site.WriteProblem(w, site.Problem{
			Status: http.StatusServiceUnavailable, Code: "too_many_listeners", Detail: "too many pages are listening",
		})
		return
	}
	changed, stop := s.box.Watch()
	defer stop()
	w.Header().Set("Content-Type", "text/event-stream")
	stream := http.NewResponseController(w)
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()

	frame := "retry: 1000\nevent: change\ndata:\n\n"
	for {
		if err := stream.SetWriteDeadline(time.Now().Add(heartbeat)); err != nil {
			return
		}
		if _, err := io.WriteString(w, frame); err != nil {
			return
		}
		if err := stream.Flush(); err != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-changed:
			frame = "event: change\ndata:\n\n"
		case <-ticker.C:
			frame = ": still here\n\n"
		}
	}
}
