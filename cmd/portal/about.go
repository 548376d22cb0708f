package main

import "veche/handlers/about"

// mountAbout adds «О портале» and «Помощь».
func (p *portal) mountAbout() { p.server.Mount(about.Routes()) }
