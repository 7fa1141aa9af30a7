// Long lists: all rows are known, and those in sight are drawn. Filtered as one types, changed as changes happen.
//
// It begins when somebody scrolls to the end of the first page of a list, or filters; until then the page is the server's.
//
// Here: the rows (read once in the compact form, then kept by the stream), which of them match, and their order. Not
// here: drawing them (drawn.js), groups, of which the server makes pages. What must always hold: what is drawn is what
// the server would say of the address; if a query asks for more than rows know, the server is asked.

import { go } from "./main.js";

const settleMs = 400; // after the last key the address follows
const askMs = 150; // and the server is asked
const gatherMs = 250; // changes are taken together
const againMs = 15_000; // what no message tells of, like leases that run out
const most = 50_000; // of more the server makes pages
// What rows know; text may also stand in what they do not know.
const plain = ["app", "id", "host", "zone", "status", "own", "overridden", "lease", "code"];

const field = document.querySelector(".find input[name=query]");
const address = () => new URLSearchParams(location.search);

let { parse, matches, asks } = {};
let list = null; // drawn.js
let all = new Map();
let everyone = []; // all rows, in their order
let codes = [];
let query = "";
let sort = "";
let turn = 0;

// ---- The rows

async function read(query) {
  const url = `${document.body.dataset.server}api/v1/instances?view=compact&query=${encodeURIComponent(query)}`;
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`answered ${answer.status}`);
  const { as_of, columns, rows, ...names } = await answer.json();
  const now = Date.parse(as_of);
  codes = names.codes;
  const at = Object.fromEntries(columns.map((name, place) => [name, place]));
  return rows.map((row) => known({
    app: names.apps[row[at.app]],
    id: row[at.id],
    host: names.hosts[row[at.host]],
    port: row[at.port],
    zone: names.zones[row[at.zone]],
    status: names.statuses[row[at.status]],
    own_status: names.statuses[row[at.own_status]],
    overridden: names.statuses[row[at.overridden] - 1] ?? null,
    lease: names.leases[row[at.lease]],
    code: names.codes[row[at.code]],
    version: names.versions[row[at.version]],
    heard: row[at.heard_s] === null ? 0 : now - row[at.heard_s] * 1000,
    ends: row[at.left_s] === null ? 0 : now + row[at.left_s] * 1000,
    updated: now - row[at.updated_s] * 1000,
  }));
}

// A row of the stream, as rows are kept here.
function taken({ lease, port, secure_port, version, updated_at, ...row }) {
  const time = (text) => (text ? Date.parse(text) : 0);
  const times = { heard: time(lease.renewed_at), ends: time(lease.deadline), updated: time(updated_at) };
  return known({ ...row, ...times, lease: lease.state, port: port ?? secure_port, version: version ?? "" });
}

const keyOf = (app, id) => `${app}/${id}`;
const known = (row) => Object.assign(row, { key: keyOf(row.app, row.id), ip: "", metadata: {} });

async function fill() {
  const rows = await read("");
  all = new Map(rows.map((row) => [row.key, row]));
  arrange();
}

function hear({ detail: { kind, data } }) {
  if (kind === "resync") again();
  if (kind !== "delta" || !data.changes?.length) return;
  for (const { app, id, row } of data.changes) {
    if (row) all.set(keyOf(app, id), taken(row));
    else all.delete(keyOf(app, id));
  }
  soon();
}

const again = () => document.hidden || fill().then(choose, () => {});

let waits = false;
function soon() {
  if (waits) return;
  waits = true;
  setTimeout(() => {
    waits = false;
    arrange();
    choose();
  }, gatherMs);
}

// ---- Their order, as the server has it

const byText = (of) => (a, b) => (of(a) < of(b) ? -1 : of(a) > of(b) ? 1 : 0);
const worst = ["DOWN", "UNKNOWN", "STARTING", "OUT_OF_SERVICE", "UP"];
const orders = {
  app: () => 0,
  id: byText((row) => row.id),
  worst: (a, b) => worst.indexOf(a.status) - worst.indexOf(b.status) || codes.indexOf(b.code) - codes.indexOf(a.code),
  zone: byText((row) => row.zone),
  host: byText((row) => row.host),
  version: byText((row) => row.version),
  deadline: (a, b) => a.ends - b.ends,
  renewed: (a, b) => a.heard - b.heard,
  updated: (a, b) => a.updated - b.updated,
};
const byApp = byText((row) => row.app);

// Those that were there keep their places, so that little is left to sort.
function arrange() {
  const rest = new Map(all);
  const stay = [];
  for (const { key } of everyone) {
    if (!rest.has(key)) continue;
    stay.push(rest.get(key));
    rest.delete(key);
  }
  everyone = ordered([...stay, ...rest.values()]);
}

function ordered(rows) {
  const by = sort.replace("-", "");
  const [order, sign] = [orders[by] ?? orders.app, sort.startsWith("-") ? -1 : 1];
  // By application alone, turned around, ids still go upwards.
  const first = by === "app" || by === "" ? (a, b) => sign * byApp(a, b) : (a, b) => sign * order(a, b) || byApp(a, b);
  return rows.sort((a, b) => first(a, b) || orders.id(a, b));
}

// ---- Which of them

async function choose() {
  const own = ++turn;
  let terms;
  try {
    terms = parse(query);
  } catch {
    return; // the page says what is wrong with it
  }
  const wanted = [...asks(terms)];
  const here = wanted.every((key) => plain.includes(key));
  const partly = wanted.every((key) => plain.includes(key) || key === "text") && !terms.some((term) => term.negated);
  if (here || partly) show(everyone.filter((row) => matches(terms, row)));
  if (here) return;
  // What was found here is there already; when nobody types on, the server adds what it finds elsewhere.
  await new Promise((done) => setTimeout(done, askMs));
  if (own !== turn) return;
  const rows = await read(query).catch(() => null);
  if (rows && own === turn) show(ordered(rows));
}

function show(rows) {
  const said = document.querySelector(".summary [data-count]");
  if (said) said.textContent = String(rows.length);
  list.show(rows);
}

// ---- Beginning

const table = () => document.querySelector("table.instances[data-total]");

async function begin() {
  removeEventListener("scroll", near);
  field.removeEventListener("focus", begin);
  if (Number(table()?.dataset.total ?? Infinity) > most) return;
  const [reader, drawn] = await Promise.all([import("./query.js"), import("./drawn.js")]);
  ({ parse, matches, asks } = reader);
  [query, sort] = [field.value, address().get("sort") ?? ""];
  await fill();
  list = drawn;
  list.move(table());
  await choose();
  document.addEventListener("peerage:heard", hear);
  document.addEventListener("peerage:shown", follow);
  field.addEventListener("input", type);
  setInterval(again, againMs);
}

// The page has become another one: sorted otherwise, or by another query.
function follow() {
  if (!table()) return;
  if (!list.stands(table())) list.move(table());
  const wanted = address().get("sort") ?? "";
  if (document.activeElement !== field) query = field.value;
  if (sort !== wanted) {
    sort = wanted;
    arrange();
  }
  choose();
}

let settled = 0;
function type() {
  query = field.value;
  choose();
  clearTimeout(settled);
  settled = setTimeout(() => {
    const next = new URL(location.href);
    next.searchParams.delete("after");
    next.searchParams[query ? "set" : "delete"]("query", query);
    go(next.href, true);
  }, settleMs);
}

// Whether the end of the first page is about to be in sight.
function near() {
  const { bottom } = table()?.getBoundingClientRect() ?? { bottom: Infinity };
  if (bottom < 2 * innerHeight && document.querySelector(".pager [rel=next]")) begin();
}

if (field && table()) {
  addEventListener("scroll", near, { passive: true });
  field.addEventListener("focus", begin);
}
