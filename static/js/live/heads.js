// Heads of lists: a region that names the newest keys of a list, with a button that
// fetches them. Which of them wait depends on what this page shows, so it is
// counted here and not on the server.
import { counted, text } from "./page.js";

const keysOf = (head) => {
  const keys = head.dataset.keys.trim();
  return keys.startsWith("[") ? JSON.parse(keys).map(String) : keys.split(",").map((key) => key.trim()).filter(Boolean);
};

// How many keys of a head wait, and whether there may be more than it names. What
// the person just added stands in the list already.
export function waiting(keys, newestShown, shown) {
  const ahead = newer(keys, newestShown);
  const fresh = ahead.filter((key) => !shown.has(key));
  const over = !nothing(newestShown) && ahead.length === keys.length && !keys.includes(newestShown);
  return { count: fresh.length, over: over && fresh.length > 0 };
}

// An empty list shows no key, or zero, before all others.
const nothing = (key) => /^0*$/.test(key);

// The newest that the list shows may have been removed meanwhile, or the filter is
// not for it any more; whole numbers of any length can be compared all the same.
function newer(keys, than) {
  const known = keys.indexOf(than);
  if (known >= 0) return keys.slice(0, known);
  const numbers = [...keys, than].every((key) => /^\d+$/.test(key));
  return numbers ? keys.filter((key) => BigInt(key) > BigInt(than)) : keys;
}

function countAll() {
  for (const head of document.querySelectorAll("[data-live][data-keys][data-list]")) {
    const list = document.querySelector(head.dataset.list);
    const button = head.querySelector("[data-show-new]");
    if (!list || !button) continue;
    const shown = new Set([...list.querySelectorAll("[data-key]")].map((item) => item.dataset.key));
    const { count, over } = waiting(keysOf(head), list.dataset.newest ?? "", shown);
    button.hidden = count === 0;
    const label = button.querySelector("[data-show-count]") ?? button;
    if (count > 0) label.textContent = over ? text("new-over", head).replace("{n}", count) : counted("new", count, head);
  }
}

document.addEventListener("htmx:after:swap", countAll);
document.addEventListener("DOMContentLoaded", countAll);
if (document.readyState !== "loading") countAll();
