// A request that got no answer at all is told, so that no click is without effect.

const trouble = document.getElementById("trouble");

function tell() {
  if (!trouble) return;
  trouble.hidden = true;
  // Shown anew even when it was on screen, so that it is read out again.
  requestAnimationFrame(() => (trouble.hidden = false));
}

document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx?.request && !event.detail.ctx.response) tell();
});
document.addEventListener("veche:trouble", tell);
document.addEventListener("htmx:after:request", () => {
  if (trouble) trouble.hidden = true;
});
document.getElementById("trouble-close")?.addEventListener("click", () => (trouble.hidden = true));
