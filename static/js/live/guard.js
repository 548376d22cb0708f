// The guard: what the page shows never goes back to an older state, whichever way
// it came. A frame, a page and an answer to an action all say how new they are.
import { bySocket, regions } from "./page.js";

// data-state is "<installation>:<number>"; numbers of one installation are ordered,
// those of two are not.
export function older(a, b) {
  const [x, y] = [split(a), split(b)];
  return x !== null && y !== null && x.installation === y.installation && x.number < y.number;
}

function split(state) {
  const [, installation, number] = state?.match(/^(.*):(\d{1,18})$/) ?? [];
  return number === undefined ? null : { installation, number: BigInt(number) };
}

document.addEventListener("htmx:before:swap", (event) => {
  const { tasks } = event.detail;
  for (const task of [...tasks]) {
    for (const incoming of regions(task.fragment)) {
      // One inside a region that was replaced by what stands is out of the way already.
      if (task.fragment.contains(incoming)) admit(incoming, task, tasks, bySocket(event));
    }
  }
});

function admit(incoming, task, tasks, fromSocket) {
  const standing = document.getElementById(incoming.id);
  if (!standing?.dataset.live) return;
  if (!older(incoming.dataset.state, standing.dataset.state)) {
    carry(standing, incoming);
    return;
  }
  // What stands was read later than this frame, so it holds whatever the frame's
  // version announced.
  if (fromSocket && incoming.dataset.version) standing.dataset.version = incoming.dataset.version;
  if (isAllOf(incoming, task) && standing === task.target) {
    tasks.splice(tasks.indexOf(task), 1);
    return;
  }
  const copy = standing.cloneNode(true);
  copy.classList.remove("just-changed");
  incoming.replaceWith(copy);
}

const isAllOf = (element, task) =>
  task.swapSpec.style?.startsWith("outer") && task.fragment.childElementCount === 1 && task.fragment.firstElementChild === element;

// A frame is shared by many pages and bears nobody's pass.
function carry(standing, incoming) {
  if (!incoming.dataset.pass && standing.dataset.pass) incoming.dataset.pass = standing.dataset.pass;
  if (standing.classList.contains("just-changed")) incoming.classList.add("just-changed");
}
