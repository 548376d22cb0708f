package main

import (
	statisticsdb "veche/db/statistics"
	"veche/domain/event"
	statisticsweb "veche/handlers/statistics"
	"veche/hub"
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
	p.hears = append(p.hears, web.Beat)
	web.Live(p.server)
	p.server.Mount(web.Routes())
	return web
}

// beat passes on for how long a page was looked at.
func (p *portal) beat(v hub.Visitor, topic event.Topic, seconds int) {
	for _, hear := range p.hears {
		hear(v, topic, seconds)
	}
}
