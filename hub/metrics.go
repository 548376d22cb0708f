package hub

import "github.com/prometheus/client_golang/prometheus"

// metrics of one hub. Every name begins with veche_live_.
type metrics struct {
	sockets, topics, rooms prometheus.Gauge
	feed                   prometheus.Gauge
	joins, denied          prometheus.Counter
	redraws, drawErrors    prometheus.Counter
	drawSeconds            prometheus.Histogram
	shownSeconds           prometheus.Histogram
	commitSeconds          prometheus.Histogram
	frames, bytes          prometheus.Counter
	coalesced, replaced    prometheus.Counter
	slow, byes             prometheus.Counter
	differing              prometheus.Counter
}

func newMetrics(r prometheus.Registerer) *metrics {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: "veche_live_" + name, Help: help})
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "veche_live_" + name, Help: help})
	}
	m := &metrics{
		sockets:    gauge("sockets", "Open sockets."),
		topics:     gauge("topics", "Topics with at least one listener."),
		rooms:      gauge("regions", "Regions with at least one listener, once per audience."),
		feed:       gauge("feed_up", "1 while announcements of changes are heard."),
		joins:      counter("joins_total", "Regions joined."),
		denied:     counter("denied_total", "Joins denied."),
		redraws:    counter("redraws_total", "Regions drawn."),
		drawErrors: counter("draw_errors_total", "Drawings that failed and are tried again."),
		drawSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "veche_live_draw_seconds",
			Help:    "Time to draw one batch of regions.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 14),
		}),
		shownSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "veche_live_shown_seconds",
			Help:    "Time from hearing of a change until its drawing was written to the last socket, or waits for one that lags.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 14),
		}),
		commitSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "veche_live_commit_to_shown_seconds",
			Help:    "The same from the commit of the change, by the clock of the process that published it.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 14),
		}),
		frames:    counter("frames_total", "Frames written to sockets."),
		bytes:     counter("bytes_total", "Bytes of messages written to sockets."),
		coalesced: counter("coalesced_total", "Changes of a region that were drawn together with an earlier one."),
		replaced:  counter("replaced_total", "Queued frames replaced by a newer one of the same region."),
		slow:      counter("slow_closes_total", "Sockets closed because they read too slowly."),
		byes:      counter("byes_total", "Sockets closed because access was withdrawn."),
		differing: counter("missed_total", "Topics whose change was found by comparing versions, not announced."),
	}
	if r != nil {
		r.MustRegister(m.sockets, m.topics, m.rooms, m.feed, m.joins, m.denied, m.redraws, m.drawErrors, m.drawSeconds, m.shownSeconds, m.commitSeconds,
			m.frames, m.bytes, m.coalesced, m.replaced, m.slow, m.byes, m.differing)
	}
	return m
}
