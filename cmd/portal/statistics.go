package main

import (
	statisticsdb "veche/db/statistics"
	statisticsweb "veche/handlers/statistics"
)

// mountStatistics adds how posts are read: what is heard of readers, and the page of
// their editors.
func (p *portal) mountStatistics() *statisticsweb.Handler {
	store := statisticsdb.New(p.db, p.config.zone)
	recorder := statisticsdb.NewRecorder(store, p.log, p.metrics)
	p.recorders = append(p.recorders, recorder.Run)
	store.AddWorkers(p.workers)
	p.periodic = append(p.periodic, store.PeriodicJobs()...)
	web := statisticsweb.New(store, recorder)
	web.Live(p.server)
	p.server.Mount(web.Routes())
	return web
}
