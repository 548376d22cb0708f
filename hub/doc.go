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
// What a promise needs beyond this
// package is said with it; the tests that fail when it is broken are named at its
// end, those of cmd/portal run whole processes.
//
//  1. Convergence: when changes stop, every joined region shows within a second what
//     a fresh load of the page would show. A page joins first and versions are
//     compared second; only what differs is drawn. A drawing that fails is tried
//     again until it succeeds. The hub distrusts its own feed: after every renewed
//     subscription, and every 30 s anyway, it compares the versions of all topics
//     that have listeners. TestConvergence, TestPagesOfTwoProcessesConverge.
//  2. Nothing before commit, nothing lost after it: the hub hears only of what was
//     committed, for announcements come from the outbox (package db), and what a
//     killed process did not announce another does.
//     TestKilledProcessLosesNoVoteAndNoPage,
//     TestVoteCommittedByADyingProcessIsAnnouncedByAnother.
//  3. Order never misleads: a socket is never sent an older drawing of a region for
//     its audience after a newer one. Between processes, and between frames and
//     answers, the page's guard compares the states (static/js/live/guard.js).
//     TestSocketIsNeverSentAnOlderDrawing,
//     TestPageThatMovesBetweenProcessesNeverGoesBack,
//     TestSlowAnswerToAnActionNeverOverwritesANewerFrame.
//  4. One slow reader hurts nobody: what the kernel does not take at once waits in a
//     bounded queue of that socket, where a newer frame of a region replaces the older
//     one; a socket that stays stuck is closed with 1013 and catches up by version.
//     Nobody waits for a socket, and no lock that others need is held while bytes are
//     written. TestThreeHundredWhoNeverReadHurtNoneOfThreeThousand,
//     TestQueueIsBounded, TestStuckSocketIsClosedWith1013.
//  5. Rights follow the person: a withdrawn session or changed role closes its sockets
//     on every process at once. While the feed is away nothing is drawn, and after it
//     came back rights are checked before anything is.
//     TestWithdrawnAccessClosesItsSocketsOnEveryProcess,
//     TestRightsWithdrawnWhileRedisIsAwayCountBeforeAnythingIsDrawn.
//  6. Bursts cost little: the first change is drawn at once, then at most one drawing
//     per region and audience in each interval (100 ms), and none before the last one
//     was handed to every socket: when writing does not keep up, changes are drawn
//     together and do not wait in line. The last is never dropped. Regions of one view
//     that are due together are drawn in one call.
//     TestThousandChangesWithinASecondAreDrawnOnceAnInterval,
//     TestAnnouncementToTenThousandPeopleIsDrawnInBatches.
//  7. Deploys are invisible: Drain takes no new sockets and closes the others with
//     1012, spread over the window, while changes go on being shown.
//     TestSIGTERMSendsTwoThousandPagesAwayAndFinishesWhatItIsAt.
//  8. Redis away: sockets stay, the pages say that updates are not available, and
//     everything converges once Redis is back, even empty. Postgres away: sockets
//     stay, drawings are tried until they succeed.
//     TestPagesOfAllProcessesConvergeAfterAnyOutageOfRedis,
//     TestPostgresStoppedAndBackIsAPause.
//  9. Pausable: the page's script holds the newest frame of each region and counts
//     (static/js/live/pause.js); nothing here depends on it.
//     TestResumingShowsTheNewestFrameOfEachRegionOnly.
//
// # How a change goes through
//
// Read the files in this order. The broker ([RedisBroker], redis.go and feed.go) hears
// an announcement; feedstate.go marks the rooms of its topic (room.go: a region and an
// audience, with the sockets that show it). A desk (desk.go) draws what is due, view
// by view. The drawing is framed once (message.go) and posted to the shards (shard.go),
// which offer it to each socket's kernel buffer without waiting (rawwrite_unix.go);
// queue.go holds what a kernel refuses. socket.go is what a page asks for, lookup.go
// and compare.go are how versions are learnt and compared, presence.go and census.go who
// is there, rights.go and lifecycle.go
// who must go, upgrade.go and conn.go how Fiber's connection becomes a socket.
//
// # Presence and reading time
//
// How many pages of a topic are in view is no state of the database and never
// touches it. A kind of topic may name one view that counts ([Hub.CountPresence]): a
// socket that follows it is a page in view, for a hidden page closes its socket.
// presence.go reports this process's share to the [Census], at most once a second and
// only what changed; census.go keeps the shares in Redis, each for ten seconds, and
// adds them up. Every three seconds all shares are said again and the sums compared
// with what the screens here say, so that the share of a dead process vanishes from
// them. A report that makes a difference is published as a change of the topic, and
// drawn as any other: the drawer is handed the sums and its drawings carry no
// data-state. While Redis is away screens keep the number they have.
// TestReadersOfAllProcessesAddUpAndThoseOfADeadOneVanish,
// TestBurstOfReadersIsReportedOnceASecond,
// TestNothingIsDrawnWhileNobodyComesOrGoes.
//
// For how long a page was in view it tells itself, in beats (static/js/live/beats.js):
// of every element with data-beat the topic, three times within the first 15 s, every
// 15 s after that, and when it is left. The hub believes no more seconds than went by
// since the last beat, and only for topics that the page follows; who registered for
// the kind of topic hears of them ([Hub.HandleBeats]). Beats are no activity of the person: they keep no session alive.
// TestPageTellsForHowLongItWasInView, TestBeatsOfJoinedTopicsAreHeard.
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
// limited in rate, pings and pongs of the protocol with them. Anything else is answered by close 1008.
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
