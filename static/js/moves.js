// Moves within the page: boosted links and forms, and the browser's own Back.
// Only <main id="content"> is replaced; this keeps what stands around it true.

const content = () => document.getElementById("content");
const movesContent = (ctx) => ctx.target === content();
const markIn = (html) => /<meta name="frame-mark" content="([^"]*)"/.exec(html)?.[1];
const ownMark = document.querySelector('meta[name="frame-mark"]')?.content;

// A page with another frame (signed in or out elsewhere, new build of the assets),
// or an answer that is no page of the portal at all, is loaded whole. An answer to
// a form that was not accepted is shown as it is: it holds what the person typed.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (!ctx.response || !movesContent(ctx)) return;
  if (ctx.text && markIn(ctx.text) === ownMark) return;
  const asked = ctx.request.method === "GET" || ctx.response.raw.redirected;
  if (!asked) return;
  event.preventDefault();
  const address = ctx.response.raw.url + (ctx.request.anchor ? "#" + ctx.request.anchor : "");
  if (address.split("#")[0] === location.href.split("#")[0]) location.reload();
  else location.assign(address);
});

// The thin line at the top while a page is on its way.
document.addEventListener("htmx:before:request", (event) => {
  if (movesContent(event.detail.ctx)) document.documentElement.classList.add("is-moving");
});
document.addEventListener("htmx:finally:request", () => {
  document.documentElement.classList.remove("is-moving");
});

document.addEventListener("htmx:after:swap", (event) => {
  if (!event.detail.ctx.response || !movesContent(event.detail.ctx)) return;
  markMenus();
  leadBackHere();
  closePanels();
  focusHeading();
});

// An answer that says what went wrong is brought before the eyes.
document.addEventListener("htmx:after:settle", (event) => {
  if (event.target.id === "problem" && event.target.childElementCount) event.target.focus();
});

// The same rule as in views/layout/frame.go.
function markMenus() {
  for (const link of document.querySelectorAll("a[data-menu]")) {
    const path = new URL(link.href).pathname;
    const here = location.pathname;
    const current = here === path || (path !== "/" && here.startsWith(path + "/"));
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

// Forms of the frame come back to the page the person is on, and so does sign-in.
function leadBackHere() {
  const here = location.pathname + location.search;
  for (const field of document.querySelectorAll('.top input[name="return"]')) field.value = here;
  const signIn = document.querySelector("a[data-sign-in]");
  if (signIn) signIn.search = here === "/" ? "" : "?next=" + encodeURIComponent(here);
}

function closePanels() {
  for (const panel of document.querySelectorAll("details.panel[open]")) panel.open = false;
}

// The heading takes the focus and is read out, as after a full load, unless the
// new content asks for the focus itself.
function focusHeading() {
  const page = content();
  if (page.querySelector("[autofocus]")) return;
  const heading = page.querySelector("h1") ?? page;
  if (heading !== page) heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
