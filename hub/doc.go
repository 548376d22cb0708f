// Package hub keeps open pages alive: it knows topics, regions, audiences,
// versions, sockets and bytes, and no area of the portal.
//
// # The idea
//
// A region is an element drawn by one view from current state. A page names the
// regions it shows and joins them over one WebSocket. A change names a topic, the
// hub of every process redraws the regions of that topic that someone on it is
// looking at, once per audience, and writes the same bytes to all of them. What
// travels is state and not a log of messages, so a repeat, a reorder or a gap does
// no harm.
//
// # Promises
//
//   - Convergence: when changes stop, every joined region shows what a fresh load
//     of the page would show. A page joins first and versions are compared second;
//     only what differs is redrawn. The hub distrusts its own feed: after every
//     renewed subscription, and every 30 s anyway, it compares the versions of all
//     topics that have listeners.
//   - A change is never lost: a drawing that fails is tried again until it succeeds,
//     and the last change of a burst is always drawn.
//   - Bursts cost little: the first change is drawn at once, then at most one drawing
//     per region and audience in each interval (100 ms). Regions of one view that
//     are due together are drawn in one call.
//   - A socket is never sent an older drawing of a region after a newer one.
//   - One slow reader hurts nobody: its queue is bounded, a newer frame of a region
//     replaces the queued older one, and a socket that stays stuck is closed with
//     1013 and catches up by version. Nobody waits for a socket, and no lock that
//     others need is held while bytes are written.
//   - Rights follow the person: a withdrawn session or changed role closes its
//     sockets on every process at once. While the feed is away nothing is redrawn,
//     and after it came back rights are checked before anything is.
//   - Redis away: sockets stay, the pages say that updates are not available, and
//     everything converges once Redis is back, even empty.
//
// # Versions
//
// A topic's version is a random string in Redis, replaced at each publish and
// compared for inequality only. An announcement carries the version it replaced,
// so that a change of single items is taken for one only when nothing was missed
// before it. The version "?" matches nothing.
//
// # Wire contract, version 1
//
// GET /live upgrades to a WebSocket. A foreign Origin gets 403. A visitor who is
// refused is accepted first and closed with 1008, for a refused upgrade is code
// 1006 to a page and retried for ever.
//
// From the page, text messages of one JSON object:
//
//	{"join":{"poll:42/tally":["<version>","<pass>"]},"leave":["post:7/comments"]}
//	{"beat":{"post:7":5}}
//
// A pass proves that the page was allowed to show the region, see [Passes]. Beats
// are visible seconds since the last beat, 0 to 60, of topics the page joined.
// A message has at most 16 KB, a socket at most 200 regions, and messages are
// limited in rate. Anything else is answered by close 1008.
//
// To the page, text: HTML made only of
//
//	<hx-partial hx-target="#poll-42-tally" hx-swap="outerMorph">…</hx-partial>
//	<hx-partial hx-target="#poll-42-tally" hx-swap="delete"></hx-partial>
//
// or one JSON object for control:
//
//	{"joined":{"poll:42/tally":"<version>"}}   followed; a frame comes if the page's version differs
//	{"denied":["poll:42/tally"]}               not followed: pass, view or audience is not valid
//	{"bye":"session"}                          access withdrawn, close 1008 follows; also "role"
//	{"bye":"drain"}                            the process stops, close 1012 follows
//	{"feed":"lost"}, {"feed":"live"}           whether the hub hears of changes; also on connect when lost,
//	                                           and with every ping, which the script of a page cannot see
//
// The hub pings every 25 s. Close codes: 1012 the process stops, come back; 1013
// the page reads too slowly, come back; 1008 access withdrawn or abuse, do not.
package hub
