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

// A page without rights is loaded anew, unless that would cost the person a text. Where
// a session ended that nobody used, the server leads to the sign-in page and back.
function end(why) {
  if (typed()) set({ ended: why });
  else location.reload();
}
