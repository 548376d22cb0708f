package main

import (
	accountsdb "veche/db/accounts"
	proofsdb "veche/db/proofs"
	accountsweb "veche/handlers/accounts"
)

// mountAccounts adds sign-in, sign-out and the profile, and what people prove
// themselves with a second time.
func (p *portal) mountAccounts() *accountsweb.Handler {
	p.codes = p.mountCodes()
	p.proofs = proofsdb.New(p.db, p.codes, p.factors, p.accounts)
	p.accounts.ProveWith(p.proofs)
	p.accounts.SendWith(p.codes, teller{p})
	p.accounts.AddWorkers(p.workers)
	p.periodic = append(p.periodic, accountsdb.PeriodicJobs()...)
	web := accountsweb.New(p.accounts, p.proofs)
	web.SignInWith(p.factors)
	web.Live(p.server)
	p.server.ProveWith(web)
	p.server.Mount(web.Routes())
	p.mountDevices(p.codes)
	return web
}
