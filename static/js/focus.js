// Where the focus goes when what had it is gone. Without this it would fall back to
// the start of the page, and whoever works by keyboard or by ear would have to come
// all the way again.

// A form says with data-then where its answer is to be read: it is brought before
// the eyes and takes the focus.
document.addEventListener("htmx:after:swap", (event) => {
  const { sourceElement, response } = event.detail.ctx;
  const answer = sourceElement?.dataset?.then;
  if (!answer || !response?.raw?.ok) return;
  const target = document.querySelector(answer);
  if (target && !inSight(target)) target.scrollIntoView({ block: "center" });
  target?.focus({ preventScroll: true });
});

// What can be seen is not moved. At the edges of the window lie the header and the bar.
function inSight(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return top > innerHeight / 8 && bottom < (innerHeight * 7) / 8;
}

// «Показать ещё» and «Показать 3 новых» put items into a list and go; the first of
// the new items takes over.
const leads = new WeakMap(); // request → list and place of its first new item

document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  const button = ctx.response && ctx.sourceElement?.closest?.(".pager a, [data-show-new]");
  if (!button) return;
  const list = button.getAttribute("hx-target");
  const place = button.getAttribute("hx-swap") === "beforeend" ? (document.querySelector(list)?.childElementCount ?? 0) : 0;
  leads.set(ctx, { list, place });
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (!leads.has(ctx)) return;
  const { list, place } = leads.get(ctx);
  const item = document.querySelector(list)?.children[place];
  item?.querySelector("a, button")?.focus({ preventScroll: place === 0 });
});

// A change that came by itself may take away what had the focus, as a poll that
// closes takes its form.
let last = null;

document.addEventListener("focusin", (event) => { last = event.target; });
document.addEventListener("htmx:after:swap", () => {
  if (document.activeElement !== document.body || !last) return;
  if (last.isConnected && last.checkVisibility()) return;
  document.querySelector("main h1")?.focus({ preventScroll: true });
});
