package sms

import (
	"net/http"
	"time"
)

// pageView is the gateway's own page: how to send, numbers for trying, journal.
type pageView struct {
	Address  string
	Fixtures []Fixture
	Late     int // seconds
	Journal  []message
}

func (g *Gateway) show(w http.ResponseWriter, r *http.Request) {
	g.page.Render(w, r, http.StatusOK, pageView{
		Address: g.address + "/sms/v1/messages", Fixtures: g.fixtures,
		Late: int(g.config.Late / time.Second), Journal: g.latest(20),
	})
}
