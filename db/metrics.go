package db

import "github.com/prometheus/client_golang/prometheus"

// Register adds what an operator wants to know of the connections to Postgres.
func (d *DB) Register(metrics prometheus.Registerer) {
	gauge := func(name, help string, read func() float64) {
		metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
	}
	counter := func(name, help string, read func() float64) {
		metrics.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, read))
	}
	stat := d.pool.Stat
	gauge("veche_postgres_connections_used", "Connections to Postgres that are in use.",
		func() float64 { return float64(stat().AcquiredConns()) })
	gauge("veche_postgres_connections_idle", "Connections to Postgres that wait for use.",
		func() float64 { return float64(stat().IdleConns()) })
	gauge("veche_postgres_connections_max", "Connections to Postgres this process may open.",
		func() float64 { return float64(stat().MaxConns()) })
	counter("veche_postgres_waits_total", "Times a connection had to be waited for because none was idle.",
		func() float64 { return float64(stat().EmptyAcquireCount()) })
	counter("veche_postgres_wait_seconds_total", "Time spent waiting for a connection because none was idle.",
		func() float64 { return stat().EmptyAcquireWaitTime().Seconds() })
}
