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

// A page whose session ended leads to the sign-in page and back; one with other rights
// is loaded anew. Neither happens where it would cost the person a text.
function end(why) {
  if (typed()) set({ ended: why });
  else if (why === "session") location.assign("/sign-in?ended=1&next=" + encodeURIComponent(location.pathname + location.search));
  else location.reload();
}
