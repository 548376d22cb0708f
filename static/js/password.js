// The field in which a new password is chosen: ticks its rules off while one types,
// says what is missing, and shows the password on demand. What counts is what the
// server finds; accounts.PasswordPolicy holds the same rules.

const rules = {
  length: (text) => [...text].length >= 8,
  lower: (text) => /\p{Ll}/u.test(text),
  upper: (text) => /\p{Lu}/u.test(text),
  digit: (text) => /\p{Nd}/u.test(text),
  special: (text) => /[\p{P}\p{S}\p{Zs}]/u.test(text),
};

const pause = 900; // ms without a key before it is said what is missing

const saying = new WeakMap(); // field → timer

function check(field, text) {
  const missing = [];
  for (const line of field.querySelectorAll("[data-rule]")) {
    const met = rules[line.dataset.rule](text);
    line.toggleAttribute("data-met", met);
    if (!met) missing.push(line.querySelector("[data-rule-text]").textContent.trim());
  }
  clearTimeout(saying.get(field));
  saying.set(field, setTimeout(() => say(field, text, missing), pause));
}

function say(field, text, missing) {
  const { textLeft, textDone } = field.dataset;
  field.querySelector("[data-rules-said]").textContent =
    text === "" ? "" : missing.length ? `${textLeft} ${missing.join(", ")}` : textDone;
}

document.addEventListener("input", ({ target }) => {
  const field = target.closest?.("[data-new-password]");
  if (field) check(field, target.value.normalize("NFC"));
});

function show(field, shown) {
  field.querySelector("input").type = shown ? "text" : "password";
  field.querySelector(".password-show").setAttribute("aria-pressed", String(shown));
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.(".password-show");
  if (button) show(button.closest("[data-new-password]"), button.getAttribute("aria-pressed") !== "true");
});

// Sent as a password again, or the browser would not offer to keep it and might
// remember it among ordinary texts.
document.addEventListener(
  "submit",
  ({ target }) => {
    for (const field of target.querySelectorAll("[data-new-password]")) show(field, false);
  },
  true,
);

// Without a script the button would do nothing, so it waits for one.
function arm() {
  for (const button of document.querySelectorAll(".password-show[hidden]")) button.hidden = false;
}

arm();
document.addEventListener("htmx:after:swap", arm);
