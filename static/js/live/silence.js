// Notices a socket that died without a word, as when a network is changed. The
// server gives a sign of life every 25 s.
import htmx from "htmx.org";
import { live } from "./page.js";
import { reopen } from "./reconnect.js";
import { state } from "./state.js";

const longest = htmx.parseInterval(htmx.config.ws?.silence ?? 60000); // ms

let timer = null;

function heard() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (live() && state.open && !document.hidden) reopen(); // a hidden page has closed its socket itself
  }, longest);
}

document.addEventListener("htmx:ws:after:connection", heard);
document.addEventListener("htmx:ws:before:message:incoming", heard);
