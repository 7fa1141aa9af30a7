// Makes a page live: asks for it anew when something changed, and puts what is new in place. The server renders; nothing
// is rendered twice.

import { keys } from "./keys.js";
import { listen } from "./live.js";
import { morph } from "./morph.js";
import { tick } from "./times.js";

const leastMs = 1_000; // between two askings, however much happens
const mostMs = 10_000; // what no message tells of, like growing silence, is at most so old
const pollMs = 3_000; // while there is no stream
const awayMs = 2_000; // a server is not called away for less

const root = document.documentElement;
root.dataset.js = "";

const state = { stream: false, answered: Date.now(), failedAt: 0, paused: false, missed: 0, offset: 0, asking: false };

// ---- Asking for the page anew

let timer = 0;
let dueAt = Infinity;
let took = 0;

function soon(ms) {
  const at = Date.now() + ms;
  if (at >= dueAt) return;
  dueAt = at;
  clearTimeout(timer);
  timer = setTimeout(refresh, ms);
}

// A change that matters to this page: at most once a second, and slower where pages are slow to make.
function changed() {
  if (state.paused) {
    state.missed += 1;
    return tell();
  }
  soon(Math.max(0, state.answered + Math.max(leastMs, 3 * took) - Date.now()));
}

async function refresh() {
  dueAt = Infinity;
  if (state.paused || state.asking) return;
  // What a form came to is told once; asking again would be another question.
  if (document.hidden || document.body.dataset.watches === "nothing") return;
  state.asking = true;
  const begun = Date.now();
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, signal: AbortSignal.timeout(10_000) });
    if (!answer.headers.get("content-type")?.startsWith("text/html")) throw new Error(`answered ${answer.status}`);
    show(await answer.text());
    state.answered = Date.now();
    state.failedAt = 0;
    took = state.answered - begun;
  } catch {
    state.failedAt ||= Date.now();
  }
  state.asking = false;
  tell();
  // What passes without any event, like a difference between servers, is looked at more often.
  const often = document.querySelector("[data-often]");
  soon(state.stream && !state.failedAt && !often ? mostMs : pollMs);
}

function show(text) {
  const next = new DOMParser().parseFromString(text, "text/html");
  if (!next.body.dataset.made) return;
  document.title = next.title;
  icon(next.querySelector("link[rel=icon]"));
  morph(document.body, next.body);
  state.offset = Date.parse(document.body.dataset.made) - Date.now();
  tick(state.offset);
  document.dispatchEvent(new CustomEvent("peerage:shown"));
}

function icon(next) {
  const now = document.querySelector("link[rel=icon]");
  if (next && now.href !== new URL(next.getAttribute("href"), location.href).href) now.href = next.getAttribute("href");
}

// Goes to another state of this page: the address tells it, the server makes it.
export function go(href, replace = false) {
  history[replace ? "replaceState" : "pushState"](null, "", href);
  dueAt = Infinity;
  soon(0);
}

addEventListener("popstate", () => soon(0));
document.addEventListener("visibilitychange", () => !document.hidden && soon(0));

// ---- The stream

function hear(message) {
  const { kind, data } = message;
  if (data?.as_of) state.offset = Date.parse(data.as_of) - Date.now();
  if (kind === "open") {
    state.stream = true;
    soon(mostMs);
  } else if (kind === "closed") {
    state.stream = false;
    soon(pollMs);
  } else if (matters(kind, data)) {
    changed();
  }
  document.dispatchEvent(new CustomEvent("peerage:heard", { detail: message }));
  tell();
}

function matters(kind, data) {
  const { watches, app } = document.body.dataset;
  if (!watches) return false;
  if (kind === "resync") return true;
  if (kind === "delta") {
    const about = app ? (data.changes ?? []).filter((change) => change.app === app) : (data.changes ?? []);
    return (watches.includes("registry") && about.length > 0) || (watches.includes("events") && data.events?.length > 0);
  }
  return kind === "cluster" || kind === "notice" ? watches.includes("cluster") : false;
}

// ---- Telling how live the page is

function tell() {
  const now = Date.now();
  const failing = state.failedAt && now - state.failedAt > awayMs;
  const is = failing ? "away" : state.paused ? "paused" : state.stream ? "live" : "behind";
  const since = new Date(state.failedAt + state.offset).toISOString().slice(11, 19);
  const words = {
    live: "live",
    behind: "catching up",
    paused: state.missed ? `paused, ${state.missed} new` : "paused",
    away: `disconnected since ${since}`,
  };
  const live = document.getElementById("live");
  if (live.dataset.is !== is || live.lastChild.textContent !== words[is]) {
    live.dataset.is = is;
    live.lastChild.textContent = words[is];
  }
  root.toggleAttribute("data-stale", Boolean(failing));
  const away = document.getElementById("away");
  away.hidden = !failing;
  if (failing) {
    const made = document.body.dataset.made.slice(11, 19);
    const text = `This server does not answer since ${since}. What you see is as it was at ${made}.`;
    if (away.textContent !== text) away.textContent = text;
  }
}

// ---- Time goes on

setInterval(() => {
  if (document.hidden || state.paused) return;
  tick(state.offset);
  if (state.failedAt) tell();
}, 1000);

// ---- What readers do

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const soft = event.target.closest("a[data-soft]");
  const copies = event.target.closest("[data-copy]");
  if (soft) {
    event.preventDefault();
    go(soft.href);
  } else if (copies) {
    copy(copies);
  } else if (event.target.closest("[data-plays]")) {
    playback();
  } else if (event.target.closest("a[data-help]")) {
    event.preventDefault();
    help();
  }
  for (const menu of document.querySelectorAll(".top details[open]")) {
    if (!menu.contains(event.target)) menu.removeAttribute("open");
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-look]")) {
    event.preventDefault();
    look(form, event.submitter.value);
  } else if (form.matches("form[data-soft]")) {
    event.preventDefault();
    go(address(form));
  }
});

// The address of a form that reads, without fields that say nothing.
function address(form) {
  const said = [...new FormData(form)].filter(([, value]) => value !== "");
  const query = new URLSearchParams(said).toString();
  return `${form.action.split("?")[0]}${query ? `?${query}` : ""}`;
}

async function look(form, theme) {
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.value === theme));
  form.closest("details").removeAttribute("open");
  await fetch(form.action, { method: "POST", redirect: "manual", body: new URLSearchParams({ theme, back: "" }) });
}

async function copy(button) {
  const from = document.getElementById(button.dataset.copy);
  const text = from.href ?? from.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without a secure context the clipboard is closed; then what is to be copied is at least selected.
    getSelection().selectAllChildren(from);
    document.execCommand("copy");
  }
  const said = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = said), 1500);
}

async function help() {
  const dialog = document.getElementById("help");
  if (!dialog.firstChild) {
    const answer = await fetch(document.querySelector("a[data-help]").href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const close = Object.assign(document.createElement("button"), { textContent: "Close", type: "button" });
    close.addEventListener("click", () => dialog.close());
    dialog.append(close, document.adoptNode(page.querySelector("article")));
  }
  dialog.showModal();
}

// While an earlier moment is shown nothing of now is put in its place.
async function playback() {
  const before = state.paused;
  state.paused = true;
  if (!(await (await import("./playback.js")).play())) state.paused = before;
  tell();
}

document.addEventListener("peerage:played", () => {
  state.paused = false;
  state.missed = 0;
  soon(0);
  tell();
});

const field = document.querySelector(".search input");
field.addEventListener("focus", async () => (await import("./search.js")).attend(field, document.getElementById("search-says")), { once: true });

keys({
  search: () => (field.focus(), field.select(), true),
  help: () => (help(), true),
  pause() {
    state.paused = !state.paused;
    state.missed = 0;
    if (!state.paused) soon(0);
    tell();
    return true;
  },
  playback: () => (playback(), true),
  copy() {
    const same = document.querySelector(".foot details");
    if (!same) return false;
    same.open = true;
    same.scrollIntoView();
    same.querySelector("button")?.focus();
    return true;
  },
});

const { server, revision, made } = document.body.dataset;
state.offset = Date.parse(made) - Date.now();
listen(new URL(`${server}api/v1/stream?topics=registry,cluster,events`, location.href).href, revision, hear);
tick(state.offset);
tell();
soon(mostMs);
