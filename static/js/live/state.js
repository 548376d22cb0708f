// How things stand with the page, as facts. strip.js shows them.

export const state = {
  open: false, // the socket
  since: performance.now(), // when it was opened or lost
  retryAt: null, // when the next try is due, on the clock of performance.now
  attempts: 0, // tries since the socket was open for a while
  feedLost: false, // the server itself hears of no changes
  paused: false,
  held: 0, // regions with a newer frame than the page shows
  ended: null, // why the page follows nothing any more: session, role, denied, closed
};

const watchers = [];

// Calls watch after each change of a fact.
export const onState = (watch) => watchers.push(watch);

export function set(facts) {
  Object.assign(state, facts);
  for (const watch of watchers) watch();
}
