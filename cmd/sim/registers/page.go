package registers

import (
	"net/http"
	"time"

	"veche/cmd/sim/site"
)

// pageView is the register's own page: how to ask, papers for trying, journal.
type pageView struct {
	Address string
	Dir     string
	Holders []Holder
	Trials  []Trial
	Delay   int // seconds
	Slow    int // seconds
	Journal []line
}

// line is a check as the page remembers it: nothing in it says whose it was.
type line struct {
	At     time.Time
	Paper  string
	Status Status
	Reason Reason
}

func (r *Register) mount(mux *http.ServeMux, frame *site.Site) (err error) {
	if r.page, err = frame.Page(files, "page.html"); err != nil {
		return err
	}
	mux.HandleFunc("GET /registers", r.show)
	return nil
}

func (r *Register) show(w http.ResponseWriter, request *http.Request) {
	view := pageView{
		Address: r.Address() + checksPath, Dir: r.Dir(), Holders: Holders(), Trials: trials,
		Delay: int(r.config.Delay / time.Second), Slow: int(slowness * r.config.Delay / time.Second),
	}
	now := r.now()
	for _, c := range r.latest(20) {
		entry := line{At: c.At, Paper: c.Series + " ····" + c.Number[4:], Status: c.status(now)}
		if entry.Status == Mismatch {
			entry.Reason = c.reason
		}
		view.Journal = append(view.Journal, entry)
	}
	r.page.Render(w, request, http.StatusOK, view)
}
