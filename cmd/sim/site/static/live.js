// Keeps the part of the page marked #live fresh: on every "change" the page is
// fetched anew and that part replaced. Whoever reads without scripts gets a
// page that reloads itself.
(() => {
  const live = document.getElementById("live");
  if (!live) return;
  const spoken = document.getElementById("spoken");
  const ids = (root) => new Set([...root.querySelectorAll("[data-id]")].map((item) => item.dataset.id));

  const glowing = new Set();
  let busy = false;
  let again = false;

  async function refresh() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("live");
      if (fresh) show(fresh);
    } catch {
      // The stream reports the next change, or its return after an outage.
    } finally {
      busy = false;
      if (again) {
        again = false;
        refresh();
      }
    }
  }

  function show(fresh) {
    if (fresh.innerHTML === live.dataset.seen) return;
    const known = ids(live);
    const focused = live.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    live.dataset.seen = fresh.innerHTML;
    live.replaceChildren(...fresh.childNodes);
    const arrived = [...live.querySelectorAll("[data-id]")].filter((item) => !known.has(item.dataset.id));
    arrived.forEach((item) => glow(item.dataset.id));
    live.querySelectorAll("[data-id]").forEach((item) => item.classList.toggle("fresh", glowing.has(item.dataset.id)));
    if (arrived.length) {
      spoken.textContent = `${live.dataset.arrived}: ${arrived[0].dataset.brief}`;
    }
    if (focused) live.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  // A message glows for two seconds, also when another arrives meanwhile.
  function glow(id) {
    glowing.add(id);
    setTimeout(() => glowing.delete(id), 2000);
  }

  live.dataset.seen = live.innerHTML;
  new EventSource("/events").addEventListener("change", refresh);
})();
