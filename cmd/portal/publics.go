package main

import (
	publicsdb "veche/db/publics"
	publicsweb "veche/handlers/publics"
)

// mountPublics adds «ГосПаблики», to read for now.
func (p *portal) mountPublics() *publicsdb.Store {
	store := publicsdb.New(p.db)
	p.server.Mount(publicsweb.New(store).Routes())
	return store
}
