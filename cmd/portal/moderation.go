package main

import (
	moderationdb "veche/db/moderation"
	publicsdb "veche/db/publics"
	"veche/domain/moderation"
	moderationweb "veche/handlers/moderation"
)

// mountModeration adds the moderators' desk. Each kind of text is known by the area
// it is written in.
func (p *portal) mountModeration(publics *publicsdb.Store) {
	store := moderationdb.New(p.db, map[moderation.Kind]moderationdb.Source{moderation.Comments: publics})
	store.AddWorkers(p.workers)
	web := moderationweb.New(store)
	web.Live(p.server)
	p.server.Mount(web.Routes())
}
