// The panels of the header. They are <details>, which open without a script; this
// closes them as people expect, and shows a chosen look at once.

document.addEventListener("click", (event) => {
  for (const panel of document.querySelectorAll("details.panel[open]")) {
    if (!panel.contains(event.target)) panel.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const panel = document.querySelector("details.panel[open]");
  if (!panel) return;
  panel.open = false;
  panel.querySelector("summary").focus();
});

const form = document.getElementById("appearance-form");

form?.addEventListener("change", async () => {
  const choice = new FormData(form);
  for (const name of ["theme", "contrast", "text", "font"]) {
    document.documentElement.dataset[name] = choice.get(name);
  }
  try {
    // The answer leads back to a page, which is not needed: this one shows it all.
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(choice),
      redirect: "manual",
    });
    if (answer.status >= 400) throw new Error(`kept nothing: ${answer.status}`);
  } catch {
    document.dispatchEvent(new CustomEvent("veche:trouble"));
  }
});

// Without a script there is nothing to pause, so the switch waits for one.
document.getElementById("live-toggle")?.removeAttribute("hidden");
