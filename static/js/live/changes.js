// Shows and says what changed over the socket. What the person did is seen in the
// answer, and needs neither.
import { bySocket, counted } from "./page.js";

const glow = 2000; // ms
const gather = 700; // ms before changes are said together
const apart = 5000; // ms between two sayings
const most = 3; // sentences in one saying

const words = (element) => element.textContent.replace(/\s+/g, " ").trim();

let changed = [];
let said = new Map(); // what stood in each data-say before the swap

document.addEventListener("htmx:before:swap", (event) => {
  [changed, said] = [[], new Map()];
  if (!bySocket(event)) return;
  for (const { fragment, target } of event.detail.tasks) {
    const incoming = fragment.querySelector("[data-live][id]");
    if (!incoming || target?.id !== incoming.id) continue;
    // What fills a blank was not there to change.
    if (words(target) !== words(incoming) && target.dataset.blank === undefined) changed.push(incoming.id);
    for (const [name, sentence] of sayings(target)) said.set(name, sentence);
  }
});

document.addEventListener("htmx:after:swap", (event) => {
  if (!bySocket(event)) return;
  for (const id of changed) {
    const region = document.getElementById(id);
    if (!region) continue;
    mark(region);
    for (const [name, sentence] of sayings(region)) {
      if (sentence && said.get(name) !== sentence) say(id, name, sentence);
    }
  }
  changed = [];
});

const sayings = (region) =>
  [region, ...region.querySelectorAll("[data-say]")]
    .filter((element) => element.dataset.say !== undefined)
    .map((element, i) => [element.id || `${region.id} ${i}`, element.dataset.say]);

const fading = new Map(); // id → timer

function mark(region) {
  region.classList.add("just-changed");
  clearTimeout(fading.get(region.id));
  const { id } = region;
  fading.set(id, setTimeout(() => {
    fading.delete(id);
    document.getElementById(id)?.classList.remove("just-changed");
  }, glow));
}

const pending = new Map(); // name → newest sentence and its region
let timer = null;
let last = -apart;

function say(region, name, sentence) {
  pending.delete(name);
  pending.set(name, { region, sentence });
  timer ??= setTimeout(speak, Math.max(gather, last + apart - performance.now()));
}

function speak() {
  timer = null;
  last = performance.now();
  const voice = document.getElementById("live-said");
  // What the person has left behind meanwhile is not worth a word.
  const sentences = [...pending.values()].filter(({ region }) => document.getElementById(region)).map(({ sentence }) => sentence);
  pending.clear();
  if (!voice || sentences.length === 0) return;
  const rest = sentences.length - most;
  const spoken = sentences.slice(-most);
  if (rest > 0) spoken.push(counted("more", rest));
  voice.textContent = spoken.join(". ");
}
