// Walking through a story or a list by keyboard, and playing a story; every way here is a link or a form without this.
document.documentElement.classList.add("scripted");

const PAUSE = 2500; // milliseconds between the moments of a story that plays
const still = matchMedia("(prefers-reduced-motion: reduce)");
const spoken = document.createElement("p");
spoken.className = "spoken";
spoken.setAttribute("role", "status");
document.body.append(spoken);
let timer = null;
let busy = false; // a moment is on its way, and its links do nothing of ours yet
let wanted = null; // the way that was asked for meanwhile

const find = (selector) => document.querySelector(selector);

function show(playing) {
  const button = find("[data-play]");
  if (button === null) return;
  button.hidden = find(".player a[rel=next]") === null;
  button.textContent = playing ? "Pause" : "Play";
}

function stop() {
  clearTimeout(timer);
  timer = null;
  show(false);
}

function goOn() {
  const next = find(".player a[rel=next]");
  if (next === null) return stop();
  clearTimeout(timer);
  timer = setTimeout(() => next.click(), PAUSE);
  show(true);
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-play]") === null) return;
  if (timer !== null) return stop();
  const next = find(".player a[rel=next]");
  timer = 0; // it plays from the next moment on, at once
  next?.click();
});

function go(way) {
  const link = find(`main :is(.player, .steps, .pager) ${way}`);
  if (busy) wanted = way;
  else link?.click();
  return busy || link !== null;
}

document.addEventListener("htmx:beforeRequest", (event) => {
  busy ||= event.detail.target?.id === "content";
});

// What htmx exchanged is told to those who do not see it, and brought into view for those who do.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "content") return;
  busy = false;
  if (!spoken.isConnected) document.body.append(spoken);
  spoken.textContent = find(".lead")?.textContent.trim() ?? "";
  find("[data-now]")?.scrollIntoView({ block: "center", behavior: still.matches ? "auto" : "smooth" });
  if (timer !== null) goOn();
  else show(false);
  if (wanted !== null) go(wanted);
  wanted = null;
});

function giveUp() {
  busy = false;
  wanted = null;
  stop();
}
document.addEventListener("htmx:responseError", giveUp);
document.addEventListener("htmx:sendError", giveUp);

// A slider tells where it will lead before it is let go.
document.addEventListener("input", (event) => {
  if (event.target.id !== "step") return;
  const list = find(".record[data-moments]");
  const words = list?.children[event.target.value - 1 - list.dataset.moments]?.querySelector(".deed").textContent.trim();
  const moment = `Moment ${event.target.value} of ${event.target.max}`;
  event.target.setAttribute("aria-valuetext", words ?? moment);
  find("#step-said").textContent = words ? `${moment}: ${words}` : moment;
});

// j and k go from entry to entry; the arrows from moment to moment, or from page to page.
const ways = { ArrowLeft: "a[rel=prev]", ArrowRight: "a[rel=next]" };
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.closest("input, select, textarea, summary, pre, [contenteditable]")) return;
  if (event.key in ways) {
    stop();
    if (go(ways[event.key])) event.preventDefault();
  } else if (event.key === "j" || event.key === "k") {
    const links = [...document.querySelectorAll(".record > li > .hand > a:first-of-type")];
    if (links.length === 0) return;
    const here = links.indexOf(document.activeElement?.closest(".record > li")?.querySelector(".hand > a"));
    const to = here === -1 ? 0 : here + (event.key === "j" ? 1 : -1);
    event.preventDefault();
    links[Math.min(Math.max(to, 0), links.length - 1)].focus();
  }
});

// Not before htmx has taken the links in hand: until then a step is a page of its own, on which nothing plays.
document.addEventListener("htmx:load", () => show(false), { once: true });
