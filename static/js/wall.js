// The wall: text as large as the room allows, the newest lit for a moment, and honest when the network is gone.
const STEP = 0.92;
const LIT = 6_000; // milliseconds

const ideas = document.getElementById("ideas");
const offline = document.querySelector(".offline");
const more = document.querySelector(".more");

/** Let the text grow when ideas are few and shrink when they are many, down to what ten metres allow. */
function fit() {
  const style = getComputedStyle(document.body);
  const smallest = parseFloat(style.getPropertyValue("--smallest")) * innerHeight / 1080;
  const room = ideas.parentElement.getBoundingClientRect().bottom - ideas.getBoundingClientRect().top;
  let size = parseFloat(style.getPropertyValue("--largest")) * innerHeight / 1080;
  const set = () => ideas.style.setProperty("--size", `${size}px`);
  ideas.style.setProperty("--room", `${room}px`);
  set();
  while (size * STEP > smallest && ideas.scrollWidth > ideas.clientWidth + 1) {
    size *= STEP;
    set();
  }
  more.hidden = ideas.scrollWidth <= ideas.clientWidth + 1;
}

function light(idea) {
  idea.classList.add("new");
  setTimeout(() => idea.classList.remove("new"), LIT);
}

if (ideas) {
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) if (node.matches?.(".idea")) light(node);
    fit();
  }).observe(ideas, { childList: true });
  addEventListener("resize", fit);
  fit();
}

// On the desk an idea that was decided upon leaves its list: what has focus next is the idea after it.
let next = null;

document.addEventListener("htmx:before:request", ({ detail }) => {
  const idea = detail.ctx.sourceElement?.closest?.("li.idea");
  const heading = idea?.closest("section").querySelector("h2");
  next = idea && (idea.nextElementSibling ?? idea.previousElementSibling ?? heading);
});
document.addEventListener("htmx:finally:request", () => setTimeout(() => {
  if (document.activeElement === document.body && next?.isConnected) {
    (next.querySelector("button, summary") ?? next).focus();
  }
}));

// The stream tries again by itself; the room is told in the meantime.
document.addEventListener("htmx:sse:error", () => { if (offline) offline.hidden = false; });
document.addEventListener("htmx:sse:after:connection", () => { if (offline) offline.hidden = true; });
