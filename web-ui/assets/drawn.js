// The rows in sight, of a list that may be long.
//
// A row is a copy of the page's <template id="row">, and how a status or a lease is said stands in <template id="words">:
// nothing here knows more of HTML than where in a row each value goes. Rows that stay in sight keep their element, and so
// the focus; those chosen stay chosen out of sight.

import { words } from "./times.js";

const beyond = 12; // rows above and below those in sight
const chosen = new Set();
const [above, below] = [spacer(), spacer()];
const copy = document.getElementById("row").content.firstElementChild;
const samples = document.getElementById("words").content;

let rows = [];
let body = null;
let height = 0;

// Shows these rows, in this order.
export function show(next) {
  rows = next;
  body.closest("table").setAttribute("aria-rowcount", String(rows.length + 1));
  draw();
}

// Whether they are shown in this table.
export const stands = (table) => table.tBodies[0] === body;

// Shows them in this table from now on.
export function move(table) {
  body = table.tBodies[0];
  body.dataset.keep = "";
  document.documentElement.dataset.windowed = "";
  const row = copy.cloneNode(true);
  body.replaceChildren(above, row, below);
  height = row.getBoundingClientRect().height;
  row.remove();
  body.addEventListener("change", ({ target }) => {
    if (target.name === "chosen") chosen[target.checked ? "add" : "delete"](target.value);
  });
}

addEventListener("scroll", () => requestAnimationFrame(draw), { passive: true });
addEventListener("resize", () => {
  move(body.closest("table"));
  draw();
});
document.addEventListener("formdata", ({ target, formData }) => {
  if (target.id !== "many") return;
  formData.delete("chosen");
  chosen.forEach((value) => formData.append("chosen", value));
});

function spacer() {
  const row = Object.assign(document.createElement("tr"), { className: "beyond" });
  row.append(document.createElement("td"));
  return row;
}

function draw() {
  if (!body?.isConnected) return;
  const { top } = body.getBoundingClientRect();
  const from = Math.min(Math.max(0, Math.floor(-top / height) - beyond), rows.length);
  const to = Math.min(rows.length, from + Math.ceil(innerHeight / height) + 2 * beyond);
  above.hidden = from === 0;
  above.style.height = `${from * height}px`;
  below.style.height = `${(rows.length - to) * height}px`;
  place(rows.slice(from, to));
}

function place(rows) {
  const old = new Map([...body.querySelectorAll("[data-row]")].map((element) => [element.dataset.key, element]));
  let before = above;
  for (const row of rows) {
    const element = old.get(row.key) ?? copy.cloneNode(true);
    old.delete(row.key);
    fill(element, row);
    if (before.nextSibling !== element) before.after(element);
    before = element;
  }
  for (const element of old.values()) element.remove();
}

// ---- A row

const part = encodeURIComponent;
const { pages } = document.body.dataset;

function fill(element, row) {
  element.dataset.key = row.key;
  const cells = Object.fromEntries([...element.querySelectorAll("[data-cell]")].map((cell) => [cell.dataset.cell, cell]));
  link(cells.id, row.id, `${pages}instances/${part(row.app)}/${part(row.id)}`);
  link(cells.app, row.app, `${pages}services/${part(row.app)}`);
  like(cells.status, row.status, row.overridden ?? "");
  like(cells.lease, row.lease, "");
  say(cells.zone, row.zone);
  say(cells.address, row.port ? `${row.host}:${row.port}` : row.host);
  say(cells.version, row.version);
  time(cells.heard, row.heard);
  time(cells.updated, row.updated);
  if (cells.box) box(cells.box, row);
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function link(element, text, href) {
  say(element, text);
  if (element.getAttribute("href") !== href) element.setAttribute("href", href);
}

// Says a status or a lease as the server says it, and what holds it there.
function like(element, name, held) {
  const said = `${name} ${held}`;
  if (element.dataset.says === said) return;
  element.dataset.says = said;
  const sample = (name) => [...(samples.querySelector(`[data-says="${name}"]`)?.childNodes ?? [])].map((node) => node.cloneNode(true));
  element.replaceChildren(...sample(name), ...(held ? sample(`held ${held}`) : []));
}

function time(element, at) {
  const known = element.querySelector("time") ?? element.appendChild(Object.assign(document.createElement("time")));
  if (!at) return known.remove();
  const exact = new Date(at).toISOString();
  if (known.dateTime !== exact) Object.assign(known, { dateTime: exact, title: exact }).dataset.ago = "";
  return say(known, words(Date.parse(document.body.dataset.made) + performance.now() - made - at));
}

// When the page was made, by the clock of this browser: what is said of times goes on from there.
let made = performance.now();
document.addEventListener("peerage:shown", () => (made = performance.now()));

function box(element, { app, id }) {
  element.value = `${part(app)}/${part(id)}`;
  element.checked = chosen.has(element.value);
  element.setAttribute("aria-label", `Choose ${id}`);
}
