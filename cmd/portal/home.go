package main

import (
	publicsdb "veche/db/publics"
	homeweb "veche/handlers/home"
	pollsweb "veche/handlers/polls"
)

// mountHome adds «Главная страница».
func (p *portal) mountHome(polls *pollsweb.Handler, publics *publicsdb.Store, waiting ...homeweb.Waiting) {
	home := homeweb.New(polls, publics)
	home.Add(waiting...)
	p.server.Mount(home.Routes())
}
