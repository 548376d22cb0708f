package main

import "veche/handlers/styleguide"

// mountStyleguide adds the style guide, in development only.
func (p *portal) mountStyleguide() { p.server.Mount(styleguide.Routes()) }
