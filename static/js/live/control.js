// Control messages of the server: JSON objects, where frames are HTML.
import { live, typed } from "./page.js";
import { deny } from "./joins.js";
import { set } from "./state.js";

document.addEventListener("htmx:ws:before:message:incoming", (event) => {
  if (event.target !== live()) return;
  const { data } = event.detail.message;
  if (typeof data !== "string" || !data.startsWith("{")) return;
  const { denied, feed, bye } = JSON.parse(data);
  if (denied) deny(denied);
  if (feed) set({ feedLost: feed === "lost" });
  if (bye === "session" || bye === "role") end(bye);
});

// A form that was sent is answered with a page of its own. What it changes may end the
// rights of this page first: loading it anew would take the answer away.
const answered = 15_000;
let sent = -answered;
addEventListener("submit", (event) => {
  if (!event.defaultPrevented) sent = performance.now();
});

// A page without rights is loaded anew, unless that would cost the person a text. Where
// a session ended that nobody used, the server leads to the sign-in page and back.
function end(why) {
  const wait = sent + answered - performance.now();
  if (wait > 0) setTimeout(end, wait, why);
  else if (typed()) set({ ended: why });
  else location.reload();
}
