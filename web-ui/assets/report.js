// Plays a simulated run back: a slider, and for the moment it stands at a map and a table.
//
// Here: reading the data that the page carries, finding the state at a moment, and showing it. Not here: the charts,
// which are on the page without this script. What must always hold: nothing is asked of any server.
"use strict";

(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const lasts = data.story.lasts;
  const names = data.story.peers.map((peer) => peer.name);
  const zones = data.story.peers.map((peer) => peer.zone);
  const all = (selector, of = document) => [...of.querySelectorAll(selector)];
  const SVG = "http://www.w3.org/2000/svg";

  /** An element with attributes and children. */
  function make(tag, attributes = {}, ...children) {
    const svg = ["svg", "g", "circle", "line", "text", "title"].includes(tag);
    const element = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  /** A moment for people: 3:05.2, with hours before it if there are any. */
  function clock(at) {
    const tenths = Math.round(at * 10);
    const [hours, minutes, seconds] = [Math.floor(tenths / 36000), Math.floor(tenths / 600) % 60, (tenths % 600) / 10];
    const text = `${minutes}:${seconds < 10 ? "0" : ""}${seconds.toFixed(1)}`;
    return hours ? `${hours}:${minutes < 10 ? "0" : ""}${text}` : text;
  }

  /** The last entry that began at or before a moment; entries are in order. */
  function last(entries, at) {
    let [low, high] = [0, entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (entries[middle].at <= at + 1e-6) low = middle + 1;
      else high = middle;
    }
    return entries[low - 1];
  }

  /** Pictures tell only what changed: makes of them one list per peer, and one of what they have in common. */
  function unfold(run) {
    const peers = names.map(() => []);
    const common = [];
    for (const picture of run.pictures) {
      common.push(picture);
      picture.peers.forEach((peer, number) => peer && peers[number].push({ at: picture.at, ...peer }));
    }
    return { ...run, peers, common };
  }

  const runs = data.runs.map(unfold);

  /** How one peer sees another, as a class and a word. The letters are those of the data. */
  const SIGHTS = {
    I: ["self", "itself", "·"],
    U: ["good", "up", "✓"],
    S: ["doubt", "in doubt", "?"],
    B: ["doubt", "behind", "…"],
    D: ["bad", "down", "✕"],
    L: ["away", "left", "–"],
    N: ["away", "unknown", " "],
  };

  const worse = ["self", "good", "away", "doubt", "bad"];

  /** What can be said of the way between two peers: the worse of both views, of those that can be asked. */
  function way(states, one, other) {
    const views = [[one, other], [other, one]].filter(([from]) => states[from]?.power === "up");
    if (views.length < 2) return "away";
    const classes = views.map(([from, to]) => SIGHTS[states[from].sees[to]][0]);
    return classes.sort((a, b) => worse.indexOf(b) - worse.indexOf(a))[0];
  }

  /** What a peer is, in a word. */
  function standing(state) {
    if (!state || state.power === "down") return ["down", "down"];
    if (state.power === "stalled") return ["stalled", "stalled"];
    if (!state.ready) return ["waiting", "not serving yet"];
    if (state.protects.length) return ["held", "serves"];
    return ["up", "serves"];
  }

  function places() {
    const [middle, radius] = [150, names.length === 1 ? 0 : 95];
    return names.map((_, number) => {
      const angle = ((order[number] + 0.5) / names.length) * 2 * Math.PI - Math.PI / 2;
      return [middle + radius * Math.cos(angle), middle + radius * Math.sin(angle)];
    });
  }

  // Peers of a zone stand beside each other.
  const byZone = names.map((_, number) => number).sort((a, b) => zones[a].localeCompare(zones[b]) || a - b);
  const order = names.map((_, number) => byZone.indexOf(number));

  function map(states) {
    const svg = make("svg", { class: "map", viewBox: "0 0 300 300", "aria-hidden": "true" });
    const at = places();
    for (let one = 0; one < names.length; one += 1) {
      for (let other = one + 1; other < names.length; other += 1) {
        const [[x1, y1], [x2, y2]] = [at[one], at[other]];
        svg.append(make("line", { class: way(states, one, other), x1, y1, x2, y2 }));
      }
    }
    const radius = names.length > 16 ? 10 : names.length > 8 ? 16 : 22;
    names.forEach((name, number) => {
      const [x, y] = at[number];
      const [beyond, up] = [(x - 150) * 0.42, (y - 150) * 0.42];
      const group = make("g", { class: standing(states[number])[0] });
      group.append(make("circle", { cx: x, cy: y, r: radius }), make("text", { x, y }, name));
      if (names.length <= 12) group.append(make("text", { class: "zone", x: x + beyond, y: y + up }, zones[number]));
      svg.append(group);
    });
    return svg;
  }

  function cell(text, kind = "") {
    return make("td", kind ? { class: kind } : {}, text);
  }

  function row(number, state) {
    const [kind, word] = standing(state);
    const serving = kind === "up" || kind === "held";
    const number_of = (value, alarm) => cell(serving ? `${value}` : "–", `number${serving && value ? ` ${alarm}` : ""}`);
    const word_kind = { down: "alarm", stalled: "amber", waiting: "amber" }[kind] ?? "";
    const doubt = state?.isolated && serving ? `${word}, cut off from most` : word;
    return make(
      "tr", {},
      make("th", { scope: "row" }, `${names[number]} `),
      cell(doubt, word_kind),
      cell(serving ? `${state.shown}` : "–", "number"),
      number_of(state?.missing, "alarm"),
      number_of(state?.stale, "amber"),
      cell(serving ? state.protects.join(", ") || "–" : "–", serving && state.protects.length ? "violet" : ""),
    );
  }

  function table(states) {
    const heads = ["Peer", "State", "Lists", "Lacks", "Dead", "Protects"];
    const titles = ["", "", "instances it lists", "living instances it does not list", "dead instances it lists", ""];
    const head = heads.map((text, place) => make("th", { scope: "col", title: titles[place], class: place > 1 && place < 5 ? "number" : "" }, text));
    const body = make("tbody", {}, ...states.map((state, number) => row(number, state)));
    return make("div", { class: "scroll" }, make("table", {}, make("thead", {}, make("tr", {}, ...head)), body));
  }

  function matrix(states) {
    const head = make("tr", {}, make("th", { scope: "col" }, "sees"), ...names.map((name) => make("th", { scope: "col" }, name)));
    const rows = states.map((state, number) => {
      const cells = names.map((name, other) => {
        if (state?.power !== "up") return cell(" ");
        const [kind, word, sign] = SIGHTS[state.sees[other]];
        return make("td", { class: kind, title: `${names[number]} sees ${name}: ${word}` }, sign, make("span", { class: "word" }));
      });
      return make("tr", {}, make("th", { scope: "row" }, names[number]), ...cells);
    });
    return make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows));
  }

  function crowds(states) {
    const best = states.filter((state) => state?.power === "up" && state.ready);
    return data.story.crowds.map((crowd, number) => {
      const shown = best.map((state) => state.crowds[number][0]);
      if (!shown.length) return `${crowd.name}: nobody serves a list`;
      const [least, most] = [Math.min(...shown), Math.max(...shown)];
      return `${crowd.name}: ${least === most ? most : `${least} to ${most}`} of ${crowd.count}`;
    });
  }

  const stages = all(".stage");
  let shown = [];

  function show_run(run, number, at) {
    const states = run.peers.map((entries) => last(entries, at));
    const common = last(run.common, at);
    const key = states.map((state) => state?.at).join() + common?.at;
    if (shown[number] === key) return;
    shown[number] = key;
    const stage = stages[number];
    const open = stage.querySelector("details")?.open ?? false;
    const note = common?.equal ? "All peers are equal." : "Peers differ, or are not all there.";
    const inner = make("div", { class: "stage-inner" }, map(states), make("div", {}, table(states)));
    const details = make("details", { class: "matrix" }, make("summary", {}, "Who sees whom at this moment"), matrix(states));
    details.open = open;
    stage.replaceChildren(inner, make("p", { class: "stage-note" }, `${note} ${crowds(states).join(" · ")}`), details);
    stage.hidden = false;
  }

  const slider = document.getElementById("at");
  const readout = document.getElementById("clock");
  const now = document.getElementById("now");
  const misfortunes = all(".misfortunes li");
  const lines = runs.map((_, number) => all(`.run[data-run="${number}"] .moments tbody tr`));

  // What is done at one moment is told of for a hundredth of the run.
  const glance = lasts / 100;

  function during(element, at) {
    const [from, until] = [Number(element.dataset.at), Number(element.dataset.until)];
    return from <= at && at < Math.max(until, from + glance);
  }

  function show(at) {
    document.documentElement.style.setProperty("--at", lasts ? at / lasts : 0);
    runs.forEach((run, number) => show_run(run, number, at));
    misfortunes.forEach((element) => element.classList.toggle("now", during(element, at)));
    const wrong = data.misfortunes.filter((one) => one.at <= at && at < (one.until ?? one.at + glance));
    const text = wrong.length ? `Now: ${wrong.map((one) => one.text).join("; ")}` : "Now: nothing is wrong.";
    const clocked = clock(at);
    readout.value = clocked;
    now.textContent = text.length > 200 ? `${text.slice(0, 200)}…` : text;
    slider.setAttribute("aria-valuetext", `${clocked}. ${now.textContent}`);
    lines.forEach(mark(at));
  }

  /** The line of the table that happened last. */
  function mark(at) {
    return (rows) => {
      const before = rows.filter((element) => Number(element.dataset.at) <= at);
      rows.forEach((element) => element.classList.remove("now"));
      before.at(-1)?.classList.add("now");
    };
  }

  function go(at) {
    slider.value = Math.min(Math.max(at, 0), lasts);
    show(Number(slider.value));
  }

  // Moments worth stopping at: when something goes wrong or is over, and when numbers begin or cease to be right.
  function turns() {
    const found = new Set(data.misfortunes.flatMap((one) => [one.at, one.until ?? one.at]));
    for (const run of runs) {
      let before = "";
      for (const picture of run.pictures) {
        const states = run.peers.map((entries) => last(entries, picture.at));
        const sign = states.map((state) => `${standing(state)}${state?.missing > 0}${state?.stale > 0}${state?.sees}`).join() + picture.equal;
        if (sign !== before) found.add(picture.at);
        before = sign;
      }
    }
    return [...found].sort((a, b) => a - b);
  }

  const stops = turns();
  const step = 0.05;
  const back = () => go(stops.findLast((at) => at < Number(slider.value) - step) ?? 0);
  const next = () => go(stops.find((at) => at > Number(slider.value) + step) ?? lasts);

  const button = document.getElementById("play");
  const speed = document.getElementById("speed");
  let playing = null;

  function frame(time) {
    if (playing === null) return;
    const elapsed = ((time - playing) / 1000) * Number(speed.value);
    playing = time;
    go(at_exactly + elapsed);
    at_exactly += elapsed;
    if (at_exactly >= lasts) play(false);
    else requestAnimationFrame(frame);
  }

  let at_exactly = 0;

  function play(on) {
    playing = on ? performance.now() : null;
    at_exactly = Number(slider.value) >= lasts ? 0 : Number(slider.value);
    button.textContent = on ? "❚❚ Pause" : "▶ Play";
    button.setAttribute("aria-pressed", String(on));
    if (on) requestAnimationFrame(frame);
  }

  function at_pointer(event) {
    const box = event.currentTarget.getBoundingClientRect();
    go(((event.clientX - box.left) / box.width) * lasts);
    at_exactly = Number(slider.value);
  }

  function key(event) {
    if (event.target.closest("button, select, summary, a")) return;
    if (event.target !== slider && event.target.closest("input, [tabindex]")) return;
    const keys = { " ": () => play(playing === null), ",": back, ".": next };
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  }

  slider.addEventListener("input", () => {
    at_exactly = Number(slider.value);
    show(at_exactly);
  });
  button.addEventListener("click", () => play(playing === null));
  document.getElementById("back").addEventListener("click", back);
  document.getElementById("next").addEventListener("click", next);
  document.addEventListener("keydown", key);
  all(".plot").forEach((plot) => plot.addEventListener("click", at_pointer));
  misfortunes.forEach((element) => element.addEventListener("click", () => go(Number(element.dataset.at))));

  // A long run is played fast enough to be over within a minute or so.
  const wanted = all("option", speed).find((option) => lasts / Number(option.value) <= 90);
  speed.value = wanted?.value ?? "300";
  document.body.classList.add("playing");
  document.querySelector(".player").hidden = false;
  all(".live").forEach((element) => (element.hidden = false));
  const first = data.misfortunes[0];
  go(first ? (first.at + (first.until ?? first.at)) / 2 : 0);
})();
