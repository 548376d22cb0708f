// Tells the server for how long the page was looked at: seconds in which it was in
// view, told every now and then and once more when it is left. What is told while a
// page is torn down may get lost, and most visits are short: so it is told more often
// at first. Pausing the updates does not pause the reading.
import htmx from "htmx.org";

const every = htmx.parseInterval(htmx.config.ws?.beat ?? 15000); // ms
const first = every / 3;
const longest = 60; // seconds in one beat, by the wire contract

let socket = null;
let about = topics(); // what the page is about
let since = document.hidden ? null : performance.now(); // in view from then on
let seen = 0; // ms in view that were not told yet

function topics() {
  return [...new Set([...document.querySelectorAll("[data-beat]")].map((element) => element.dataset.beat))];
}

function look() {
  const now = performance.now();
  if (since !== null) seen += now - since;
  since = document.hidden ? null : now;
}

function tell() {
  const seconds = Math.min(Math.floor(seen / 1000), longest);
  if (seconds < 1 || about.length === 0 || socket?.readyState !== WebSocket.OPEN) return;
  seen -= seconds * 1000;
  socket.send(JSON.stringify({ beat: Object.fromEntries(about.map((topic) => [topic, seconds])) }));
}

let timer = null;

// Three beats at first, as long as one is apart from the next later.
function beat(n = 1) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    lookAndTell();
    beat(n + 1);
  }, n <= every / first ? first : every);
}

function lookAndTell() {
  look();
  tell();
}

document.addEventListener("htmx:ws:after:connection", (event) => {
  socket = event.detail.connection.socket;
  look();
  seen = 0; // what no socket could tell is not told later
  beat();
});

// Another page stands here now: the time so far belongs to the one before, which the
// server still takes for joined.
document.addEventListener("htmx:after:swap", () => {
  const now = topics();
  if (now.join() === about.join()) return;
  lookAndTell();
  [about, seen] = [now, 0];
  beat();
});

// Heard before hx-ws hears of it and closes the socket.
addEventListener("visibilitychange", () => {
  if (document.hidden) lookAndTell();
  else look();
}, { capture: true });
addEventListener("pagehide", lookAndTell, { capture: true });
