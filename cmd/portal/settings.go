package main

import "veche/handlers/settings"

// mountSettings adds the choice of language and look.
func (p *portal) mountSettings() { p.server.Mount(settings.New(p.accounts).Routes()) }
