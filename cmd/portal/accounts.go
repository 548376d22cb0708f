package main

import (
	accountsdb "veche/db/accounts"
	proofsdb "veche/db/proofs"
	accountsweb "veche/handlers/accounts"
)

// mountAccounts adds sign-in, sign-out and the profile, and what people prove
// themselves with a second time.
func (p *portal) mountAccounts() {
	p.codes = p.mountCodes()
	proofs := proofsdb.New(p.db, p.codes, p.factors, p.accounts)
	p.proofs = proofs
	p.accounts.ProveWith(proofs)
	p.accounts.AddWorkers(p.workers)
	p.periodic = append(p.periodic, accountsdb.PeriodicJobs()...)
	web := accountsweb.New(p.accounts, proofs)
	web.Live(p.server)
	p.server.ProveWith(web)
	p.server.Mount(web.Routes())
}
