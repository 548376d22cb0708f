package main

import (
	publicsdb "veche/db/publics"
	homeweb "veche/handlers/home"
	pollsweb "veche/handlers/polls"
)

// mountHome adds «Главная страница».
func (p *portal) mountHome(polls *pollsweb.Handler, publics *publicsdb.Store) {
	p.server.Mount(homeweb.New(polls, publics).Routes())
}
