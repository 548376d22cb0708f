package main

import (
	publicsdb "veche/db/publics"
	publicsweb "veche/handlers/publics"
)

// mountPublics adds «ГосПаблики», to read for now.
func (p *portal) mountPublics(readers publicsweb.Readers) *publicsdb.Store {
	store := publicsdb.New(p.db)
	web := publicsweb.New(store)
	web.ReadBy(readers)
	p.server.Mount(web.Routes())
	return store
}
