package main

import (
	publicsdb "veche/db/publics"
	publicsweb "veche/handlers/publics"
)

// mountPublics adds «ГосПаблики»: pages, live regions, and the jobs that follow what
// moderators decide.
func (p *portal) mountPublics() *publicsdb.Store {
	store := publicsdb.New(p.db)
	store.AddWorkers(p.workers)
	web := publicsweb.New(store)
	web.Live(p.server)
	p.server.Mount(web.Routes())
	return store
}
