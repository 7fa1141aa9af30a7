// Playback: how services stood at an earlier moment, told from the events that the server remembers.
//
// Here: the bar with its slider, and what was when. From how things are now, events are taken back one by one: whoever
// came since then was not there, whoever left was. Only cells of the map of services by zones are drawn anew; all else is
// dimmed, for it is of now. What must always hold: as long as the bar is open the page says which moment it shows.

const most = 5_000; // events
const frames = { slow: 1_000, fast: 100 };

let past = null;

// Opens the bar; false where there is no map to play on.
export async function play() {
  if (past) return close();
  if (!document.querySelector(".heat .cell")) return false;
  const { server } = document.body.dataset;
  const read = async (path) => (await fetch(`${server}api/v1/${path}`)).json();
  const [told, list] = await Promise.all([read(`events?limit=${most}`), read("instances?view=compact")]);
  past = history(told.events, list);
  document.documentElement.dataset.playback = "";
  document.querySelector("main").prepend(bar());
  look(past.moments.length - 1);
  return true;
}

// What was when: moments are the places between events, the last one is now.
function history(events, { rows, columns, apps, zones, statuses }) {
  const place = (name) => columns.indexOf(name);
  const now = new Map(rows.map((row) => {
    const [app, id] = [apps[row[place("app")]], row[place("id")]];
    return [`${app}/${id}`, { app, zone: zones[row[place("zone")]], status: statuses[row[place("status")]] }];
  }));
  const moving = events.filter((event) => was(event) !== undefined).reverse();
  const begins = events.at(-1)?.at;
  const moments = [begins, ...moving.map(({ at }) => at)].filter(Boolean);
  return { now, moving, moments };
}

// The instances after so many events.
function standing(count) {
  const then = new Map(past.now);
  for (const event of past.moving.slice(count).reverse()) {
    const { app, id, zone } = event;
    const status = was(event);
    const key = `${app}/${id}`;
    if (status) then.set(key, { app, zone: zone ?? then.get(key)?.zone, status });
    else then.delete(key);
  }
  return then.values();
}

// The status before an event: null if it was not there, undefined if nothing changed that is shown here.
function was({ kind, app, before, after, status }) {
  if (!app) return undefined;
  if (kind === "registered") return null;
  if (["cancelled", "evicted", "dropped"].includes(kind)) return before ?? status;
  return before && before !== after ? before : undefined;
}

function counts(instances) {
  const cells = new Map();
  for (const { app, zone, status } of instances) {
    const key = `${app}\n${zone}`;
    const cell = cells.get(key) ?? { up: 0, of: 0 };
    cell.of += 1;
    cell.up += status === "UP" ? 1 : 0;
    cells.set(key, cell);
  }
  return cells;
}

// ---- The map

function draw(count) {
  const cells = counts(standing(count));
  for (const row of document.querySelectorAll(".heat tbody tr")) {
    const app = row.querySelector("th a").textContent;
    for (const cell of row.querySelectorAll(".cell[data-zone]")) {
      const { up, of } = cells.get(`${app}\n${cell.dataset.zone}`) ?? { up: 0, of: 0 };
      const shade = of === 0 ? "gone" : up === of ? "all" : up === 0 ? "none" : "most";
      const sign = { gone: "·", all: "✓", most: "▲", none: "✕" }[shade];
      cell.className = `cell ${shade}`;
      (cell.querySelector("a") ?? cell).replaceChildren(Object.assign(document.createElement("i"), { textContent: sign, ariaHidden: "true" }), `${up}/${of}`);
    }
  }
}

// ---- The bar

let timer = 0;

function bar() {
  const bar = document.createElement("section");
  bar.className = "playback";
  bar.dataset.keep = "";
  bar.id = "playback";
  bar.setAttribute("aria-label", "Playback");
  const last = past.moments.length - 1;
  bar.innerHTML = `<p role="status"></p><svg aria-hidden="true" preserveAspectRatio="none" viewBox="0 0 100 10"></svg>
    <input type="range" min="0" max="${last}" value="${last}" aria-label="Which moment">
    <p><button type="button" data-step="-1">Back</button> <button type="button" data-step="1">On</button>
    <button type="button" data-play="slow">Play</button> <button type="button" data-play="fast">Play fast</button>
    <button type="button" data-end>Back to now</button></p>`;
  density(bar.querySelector("svg"));
  const slider = bar.querySelector("input");
  slider.addEventListener("input", () => look(Number(slider.value)));
  bar.addEventListener("click", ({ target }) => {
    const { step, play, end } = target.dataset;
    if (end !== undefined) return void close();
    clearInterval(timer);
    if (step) look(Number(slider.value) + Number(step));
    if (play) run(slider, frames[play]);
  });
  return bar;
}

function run(slider, ms) {
  if (Number(slider.value) === past.moments.length - 1) look(0);
  timer = setInterval(() => {
    look(Number(slider.value) + 1);
    if (Number(slider.value) >= past.moments.length - 1) clearInterval(timer);
  }, ms);
}

// How many events there were, over time.
function density(svg) {
  const times = past.moments.map((at) => Date.parse(at));
  const [from, to] = [times[0], Math.max(times.at(-1), times[0] + 1)];
  const buckets = new Array(100).fill(0);
  for (const time of times) buckets[Math.min(99, Math.floor(((time - from) * 100) / (to - from)))] += 1;
  const most = Math.max(...buckets);
  buckets.forEach((count, x) => {
    if (!count) return;
    const high = Math.max(1, (count * 10) / most);
    const column = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of Object.entries({ x, y: 10 - high, width: 0.9, height: high })) column.setAttribute(name, value);
    svg.append(column);
  });
}

// Shows the page as it was after so many events.
function look(count) {
  const last = past.moments.length - 1;
  const at = Math.max(0, Math.min(last, count));
  const bar = document.getElementById("playback");
  bar.querySelector("input").value = at;
  const event = past.moving[at - 1];
  const time = past.moments[at]?.slice(11, 19) ?? "";
  const what = event ? `${event.kind.replaceAll("_", " ")} ${event.app}/${event.id}` : "the oldest that is remembered";
  bar.querySelector("[role=status]").textContent = at === last ? `Showing now; the last was ${time}: ${what}` : `Showing ${time}, not now: ${what}`;
  draw(at);
}

function close() {
  clearInterval(timer);
  past = null;
  document.getElementById("playback").remove();
  delete document.documentElement.dataset.playback;
  document.dispatchEvent(new CustomEvent("peerage:played"));
  return true;
}
