// When a lost socket is opened again. hx-ws does it; here the delay is chosen, so
// that the strip can count down to it, and the count of tries outlives a socket
// that is closed as soon as it opens.
import htmx from "htmx.org";
import { live } from "./page.js";
import { set, state } from "./state.js";

// After a restart all pages come back at once unless the first delay is wide.
htmx.config.ws = { reconnectDelay: 1500, reconnectMaxDelay: 30000, reconnectJitter: 0.9, ...htmx.config.ws };

const steady = 10000; // ms after which an open socket counts as a success

let leaving = false;
addEventListener("pagehide", () => (leaving = true));

document.addEventListener("htmx:ws:after:connection", () => {
  set({ open: true, since: performance.now(), retryAt: null, feedLost: false, ended: null });
});

document.addEventListener("htmx:ws:close", ({ detail: { connection, reason, code } }) => {
  if (leaving || reason !== "closed") return;
  const now = performance.now();
  const attempts = state.open && now - state.since > steady ? 0 : state.attempts;
  const { config } = connection;
  if (!config.reconnectCodes.includes(code)) {
    set({ open: false, since: now, retryAt: null, ended: state.ended ?? "closed" });
    return;
  }
  if (document.hidden && config.pauseOnBackground) {
    set({ open: false, since: now, retryAt: null, attempts: 0 });
    return;
  }
  const delay = delayOf(attempts);
  // hx-ws doubles the delay with each of its own tries and spreads it; both are done.
  Object.assign(config, { reconnectDelay: delay / 2 ** connection.attempt, reconnectMaxDelay: delay, reconnectJitter: 0 });
  set({ open: false, since: state.open ? now : state.since, retryAt: now + delay, attempts: attempts + 1 });
});

function delayOf(attempts) {
  const { reconnectDelay, reconnectMaxDelay, reconnectJitter } = htmx.config.ws;
  const middle = Math.min(htmx.parseInterval(reconnectDelay) * 2 ** attempts, htmx.parseInterval(reconnectMaxDelay));
  return middle * (1 + (Math.random() * 2 - 1) * reconnectJitter);
}

// Opens the socket without further delay.
export function retryNow() {
  if (live() && !state.open) reopen();
}

// Opens a socket in place of one that is lost, even if nobody has said so yet.
export function reopen() {
  set({ open: false, since: performance.now(), retryAt: null });
  htmx.process(live(), true); // hx-ws drops the old connection and makes a new one
}

addEventListener("online", () => {
  if (!state.ended) retryNow();
});
