package main

import (
	accountsdb "veche/db/accounts"
	accountsweb "veche/handlers/accounts"
)

// mountAccounts adds sign-in, sign-out and the profile.
func (p *portal) mountAccounts() {
	p.accounts.AddWorkers(p.workers)
	p.periodic = append(p.periodic, accountsdb.PeriodicJobs()...)
	p.server.Mount(accountsweb.New(p.accounts).Routes())
}
