// The moderators' desk: the item that is looked at is marked in the queue beside it.
// Its row is the same for all moderators and cannot say so itself.

function mark() {
  for (const link of document.querySelectorAll("a[data-item-link]")) {
    if (new URL(link.href).pathname === location.pathname) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

document.addEventListener("htmx:after:swap", mark);
document.addEventListener("DOMContentLoaded", mark);
if (document.readyState !== "loading") mark();
