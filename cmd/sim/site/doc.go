// Package site is what the parts of the simulator share on the web: the page
// frame, the look, the two languages and the safety headers.
//
// A part is one outside system in one folder. It hands in a Card: where a
// client reaches it, its words, its routes, and what has to run beside them.
// The frame does the rest: it lists the part on the front page, draws its
// pages and guards its answers. To add a system, add a folder with a package
// that builds a Card, and one line in cmd/sim/parts.go.
//
// Every answer carries a content security policy that allows nothing but the
// program's own style sheet and script, so that a hostile letter shown here
// stays text. Requests that change something are refused when a browser says
// they come from another site.
package site
