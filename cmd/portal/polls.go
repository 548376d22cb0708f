package main

import (
	pollsdb "veche/db/polls"
	pollsweb "veche/handlers/polls"
)

// mountPolls adds polls: pages, live regions, and the jobs that open and close.
func (p *portal) mountPolls() *pollsweb.Handler {
	store := pollsdb.New(p.db)
	store.AddWorkers(p.workers)
	web := pollsweb.New(store)
	web.Live(p.server)
	p.server.Mount(web.Routes())
	return web
}
