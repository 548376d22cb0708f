package main

import (
	publicsdb "veche/db/publics"
	publicsweb "veche/handlers/publics"
)

// mountPublics adds «ГосПаблики»: pages, live regions, and the jobs that follow what
// moderators decide.
func (p *portal) mountPublics(readers publicsweb.Readers) *publicsdb.Store {
	store := publicsdb.New(p.db)
	store.AddWorkers(p.workers)
	web := publicsweb.New(store)
	web.ReadBy(readers)
	web.Live(p.server)
	p.server.Mount(web.Routes())
	return store
}
