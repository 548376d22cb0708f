package main

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"veche/cmd/portal/registers"
	recoverydb "veche/db/recovery"
	recoveryweb "veche/handlers/recovery"
)

// mountRecovery adds what people get their accounts back with.
func (p *portal) mountRecovery() {
	p.recovery.AddWorkers(p.workers)
	p.periodic = append(p.periodic, recoverydb.PeriodicJobs()...)
	p.server.Mount(recoveryweb.New(p.recovery).Routes())
}

// papers prepares asking the register of identity papers; without one it is nil.
func (c config) papers(metrics prometheus.Registerer) (*registers.Client, error) {
	if c.RegistersURL == "" {
		return nil, nil
	}
	client, err := registers.New(registers.Options{
		URL: c.RegistersURL, CAFile: c.RegistersCA, CertFile: c.RegistersCert, KeyFile: c.RegistersKey, Metrics: metrics,
	})
	if err != nil {
		return nil, fmt.Errorf("VECHE_REGISTERS_URL and the files that belong to it: %w", err)
	}
	return client, nil
}
