// The keyboard: one key each, none of them while typing. They can be switched off in the settings.

const switchedOff = "peerage-keys-off";

// `acts` has what the page can do: { search, pause, playback, copy, help }.
export function keys(acts) {
  let led = false;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") return leave();
    if (localStorage.getItem(switchedOff) || typing(event.target) || document.querySelector("dialog[open]")) return;
    const done = led ? go(event.key) : press(event.key, acts);
    led = !led && event.key === "g";
    if (done || led) event.preventDefault();
  });
}

function press(key, acts) {
  switch (key) {
    case "/": return acts.search();
    case "?": return acts.help();
    case ".": return acts.pause();
    case "t": return acts.playback();
    case "c": return acts.copy();
    case "j": return step(1);
    case "k": return step(-1);
    case "x": return choose();
    case "Enter": return open();
    default: return false;
  }
}

function go(key) {
  const link = document.querySelector(`.rail a[data-key="${CSS.escape(key)}"]`);
  link?.click();
  return Boolean(link);
}

const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent);
const current = () => document.querySelector("[data-row][data-at]");

function step(by) {
  const all = rows();
  if (all.length === 0) return false;
  const at = all.indexOf(current());
  const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by))];
  current()?.removeAttribute("data-at");
  next.setAttribute("data-at", "");
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("a")?.focus({ preventScroll: true });
  return true;
}

function open() {
  const focused = document.activeElement;
  if (focused && focused !== document.body && focused.id !== "main") return false;
  const link = current()?.querySelector("a");
  link?.click();
  return Boolean(link);
}

function choose() {
  const box = current()?.querySelector('input[type="checkbox"]');
  box?.click();
  return Boolean(box);
}

function leave() {
  document.querySelectorAll(".top details[open]").forEach((menu) => menu.removeAttribute("open"));
  const closes = document.querySelector("[data-closes]");
  if (typing(document.activeElement)) document.activeElement.blur();
  else if (current()) current().removeAttribute("data-at");
  else closes?.click();
}

const typing = (element) => Boolean(element?.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]"));
