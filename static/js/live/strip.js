// The strip under the header says honestly how things stand: it is hidden only
// while everything on the page is live.
import { counted, live, text } from "./page.js";
import { pause, showToggle } from "./pause.js";
import { retryNow } from "./reconnect.js";
import { onState, state } from "./state.js";

const blink = 700; // ms that a lost socket may be away unmentioned

// What the strip says: its state, the words, and the one thing to do about it.
function view() {
  const reload = ["reload", () => location.reload()];
  switch (true) {
    case state.ended === "session" || state.ended === "role":
      return ["stale", text(`bye-${state.ended}`), reload];
    case state.ended === "denied":
      return ["stale", text("stale"), reload];
    case state.ended === "closed":
      return ["offline", text("offline"), reload];
    case !navigator.onLine: // a socket may look open for long after the network is gone
      return ["offline", text("offline"), state.open ? [] : ["retry", retryNow]];
    case !state.open && performance.now() - state.since > blink:
      return ["reconnecting", countdown(), ["retry", retryNow]];
    case state.feedLost:
      return ["unavailable", text("unavailable")];
    case state.paused:
      return ["paused", state.held ? `${text("paused")} · ${counted("held", state.held)}` : text("paused"), ["resume", () => pause(false)]];
    default:
      return ["live", ""];
  }
}

function countdown() {
  const left = Math.ceil((state.retryAt - performance.now()) / 1000);
  return state.retryAt !== null && left > 0 ? counted("reconnecting", left) : text("connecting");
}

let act = null;
let timer = null;

function show() {
  clearTimeout(timer);
  const strip = document.getElementById("live-strip");
  if (!strip || !live()) return;
  const [name, words, [label, action] = []] = view();
  act = action;
  // A screen reader hears of a new state, not of every second of a countdown.
  if (strip.dataset.liveState === name) strip.setAttribute("aria-live", "off");
  else strip.removeAttribute("aria-live");
  strip.dataset.liveState = name;
  strip.hidden = name === "live";
  write(strip.querySelector("[data-live-words]"), words);
  const button = strip.querySelector("[data-live-action]");
  if (button) {
    button.hidden = !action;
    write(button, action ? text(label) : "");
  }
  showToggle();
  if (!state.open && !state.ended) timer = setTimeout(show, 250);
}

function write(element, words) {
  if (element && element.textContent !== words) element.textContent = words;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#live-strip [data-live-action]");
  if (!button) return;
  act?.();
  // The button goes with the trouble; the focus stays near.
  if (!button.checkVisibility()) document.getElementById("live-toggle")?.focus();
});
onState(show);
addEventListener("online", show);
addEventListener("offline", show);
document.addEventListener("visibilitychange", show);
show();
