// The pause switch: while it is pressed the newest frame of each region is held
// and counted. Goodbyes pass, and so does the warning that the session ends.
import htmx from "htmx.org";
import { older } from "./guard.js";
import { live, text } from "./page.js";
import { set, state } from "./state.js";

const key = "live-paused";
const held = new Map(); // target → newest frame

const toggle = () => document.getElementById("live-toggle");

export function pause(on) {
  if (on) sessionStorage.setItem(key, "1");
  else sessionStorage.removeItem(key);
  set({ paused: on });
  if (!on) release();
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("#live-toggle")) pause(!state.paused);
});

document.addEventListener("htmx:ws:before:message:incoming", (event) => {
  const { data } = event.detail.message;
  if (!state.paused || event.target !== live() || typeof data !== "string" || data.startsWith("{")) return;
  event.preventDefault();
  const urgent = [];
  for (const frame of data.split(/(?=<hx-partial )/)) {
    const target = frame.match(/^<hx-partial hx-target="([^"]+)"/)?.[1];
    // That the session ends is not one more update: who is not told loses what they typed.
    if (target?.startsWith("#idle-")) urgent.push(frame);
    else if (target && !older(stateOf(frame), stateOf(held.get(target)))) held.set(target, frame);
  }
  count();
  if (urgent.length) show(urgent.join(""));
});

// The region of a frame is its first element; what was read earlier may come later,
// from another process.
const stateOf = (frame) => frame?.match(/ data-state="([^"]*)"/)?.[1];

// What the page shows no more is of no use.
document.addEventListener("htmx:after:swap", () => {
  if (state.paused) count();
});

function count() {
  for (const target of held.keys()) {
    if (!document.querySelector(target)) held.delete(target);
  }
  set({ held: new Set([...held.keys()].map(topic)).size });
}

// One change shows in several places; it is counted once, by what it is about.
const topic = (target) => document.querySelector(target).dataset.live?.split("/")[0] ?? target;

function release() {
  const frames = [...held.values()].join("");
  held.clear();
  set({ held: 0 });
  if (frames) show(frames);
}

const show = (frames) =>
  htmx.swap({ sourceElement: live(), target: live(), swap: "innerHTML swapEmpty:false", text: frames, transition: false });

export function showToggle() {
  const button = toggle();
  if (!button) return;
  button.setAttribute("aria-pressed", String(state.paused));
  const label = button.querySelector("[data-live-label]");
  if (label) label.textContent = text(state.paused ? "resume" : "pause");
}

set({ paused: sessionStorage.getItem(key) !== null });
