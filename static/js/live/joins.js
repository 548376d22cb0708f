// Tells the server which regions the page shows.
import { regions } from "./page.js";
import { set, state } from "./state.js";

// Bounds of the wire contract, with some room in the message.
const maxRegions = 200;
const maxBytes = 15000;

const apart = 250; // ms

let socket = null;
let timer = null;
let last = -apart;
const followed = new Map(); // region → pass it was joined with
const denied = new Map(); // region → pass that was of no use

document.addEventListener("htmx:ws:after:connection", (event) => {
  socket = event.detail.connection.socket;
  followed.clear();
  denied.clear();
  compareSoon();
});
document.addEventListener("htmx:after:swap", compareSoon);

// Swaps that follow each other closely are looked at together: the server takes five
// messages a second and closes the socket of a page that goes on sending more.
function compareSoon() {
  timer ??= setTimeout(() => {
    timer = null;
    last = performance.now();
    compare();
  }, Math.max(0, last + apart - performance.now()));
}

function compare() {
  if (socket?.readyState !== WebSocket.OPEN) return;
  const shown = shownRegions();
  forgetDenied(shown);
  const leave = [...followed.keys()].filter((region) => !shown.has(region));
  const join = [...shown].filter(([region, { pass }]) => followed.get(region) !== pass && denied.get(region) !== pass);
  for (const region of leave) followed.delete(region);
  for (const [region, { pass }] of join) followed.set(region, pass);
  send({ leave, join });
}

function shownRegions() {
  const shown = new Map();
  for (const element of regions(document)) {
    const { live: region, pass, version } = element.dataset;
    if (!pass || shown.has(region)) continue;
    if (shown.size === maxRegions) {
      console.warn(`live: only the first ${maxRegions} regions of the page are followed`);
      break;
    }
    // The version is that of what stands here. The one that "joined" names may be
    // of a frame still on its way: noted now, a lost connection would lose the frame.
    shown.set(region, { pass, version: version || "?" });
  }
  return shown;
}

function send({ leave, join }) {
  const parts = [
    ...leave.map((region) => (message) => (message.leave ??= []).push(region)),
    ...join.map(([region, { version, pass }]) => (message) => ((message.join ??= {})[region] = [version, pass])),
  ];
  const size = (i) => JSON.stringify(i < leave.length ? leave[i] : join[i - leave.length]).length;
  let message = {};
  let bytes = 0;
  parts.forEach((add, i) => {
    if (bytes + size(i) > maxBytes) {
      socket.send(JSON.stringify(message));
      [message, bytes] = [{}, 0];
    }
    add(message);
    bytes += size(i);
  });
  if (bytes > 0) socket.send(JSON.stringify(message));
}

// The page shows something that it may not follow: it is of another session, or
// older than the portal.
export function deny(names) {
  for (const region of names) {
    if (!followed.has(region)) continue;
    denied.set(region, followed.get(region));
    followed.delete(region);
  }
  if (denied.size > 0 && !state.ended) set({ ended: "denied" });
}

// Once nothing of it is shown any more, the page is as good as a new one.
function forgetDenied(shown) {
  for (const [region, pass] of denied) {
    if (shown.get(region)?.pass !== pass) denied.delete(region);
  }
  if (denied.size === 0 && state.ended === "denied") set({ ended: null });
}
