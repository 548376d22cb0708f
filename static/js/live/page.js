// What the parts of the live script know about the page.

// The socket element; absent on pages without live updates.
export const live = () => document.getElementById("live");

// A region is an element drawn on the server that follows its topic.
export const regions = (root) => root.querySelectorAll("[data-live][id]");

// Whether what is swapped came over the socket and not as an answer to a request.
export const bySocket = (event) => event.detail.ctx.sourceElement === live();

// Sentences come from attributes, for the script has none of its own.
export const text = (name, from = live()) => from?.getAttribute(`data-text-${name}`) ?? "";

// A sentence with a number, in the form that the language of the page asks for.
export function counted(name, n, from = live()) {
  const form = new Intl.PluralRules(document.documentElement.lang || "ru").select(n);
  const sentence = text(`${name}-${form}`, from) || text(`${name}-other`, from);
  return sentence.replace("{n}", n.toLocaleString(document.documentElement.lang || "ru"));
}

// Whether the person typed or chose something that was not sent, or that came back
// with the form it was sent in. Search is nothing to be sorry about.
export function typed() {
  return [...document.querySelectorAll("form:not([role=search]) :is(input, textarea, select):not([data-untyped])")].some((field) => {
    if (field.disabled || field.type === "hidden" || field.type === "search") return false;
    if (field.tagName === "SELECT") return [...field.options].some((o) => o.selected !== o.defaultSelected) && !pristine(field);
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    return field.value !== field.defaultValue || ("cameBack" in field.dataset && field.value !== "");
  });
}

// A select without a chosen default shows its first option.
const pristine = (select) =>
  select.selectedIndex === 0 && !select.multiple && ![...select.options].some((o) => o.defaultSelected);

// The browser's own copy of a page shows the state of when it was left.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
