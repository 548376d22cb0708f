// What a person takes away from a page: copied, or on paper. The buttons are hidden
// until a script can do what they say.

function show() {
  for (const button of document.querySelectorAll("[data-copy], [data-print]")) {
    button.hidden = "copy" in button.dataset && !navigator.clipboard;
  }
}

show();
document.addEventListener("htmx:after:swap", show);

document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-copy], [data-print]");
  if (!button) return;
  if ("print" in button.dataset) return print();
  const source = document.getElementById(button.dataset.copy);
  const items = [...source.children].map((item) => item.textContent);
  await navigator.clipboard.writeText(items.length ? items.join("\n") : source.textContent);
  button.querySelector(".button-label").textContent = button.dataset.textCopied;
});
