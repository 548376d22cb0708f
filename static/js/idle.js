// A session that nobody uses ends on the server. What counts is what the person does:
// requests, and between them typing and pointing, told at most once a minute. That the
// page is open, or its socket, is nothing the person does.

const warning = () => document.querySelector(".idle");
const every = 60_000;
let told = Date.now();

function awake() {
  const at = warning()?.dataset.awake;
  if (!at) return;
  told = Date.now();
  const headers = JSON.parse(document.body.getAttribute("hx-headers:inherited") ?? "{}");
  fetch(at, { method: "POST", headers }).catch(() => {});
}

for (const kind of ["keydown", "pointerdown", "wheel", "touchmove"]) {
  addEventListener(kind, (event) => {
    if (!event.isTrusted) return;
    const due = warning()?.childElementCount ? 1000 : every;
    if (Date.now() - told >= due) awake();
  }, { passive: true, capture: true });
}

// The time that is left, to the second, for the eye; the sentence itself was spoken.
setInterval(() => {
  const row = warning()?.firstElementChild;
  if (!row) return;
  const left = Math.max(0, Math.round((Number(row.dataset.idleEnds) - Date.now()) / 1000));
  row.querySelector("[data-idle-left]").textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}, 1000);
