// What operators come for at night: ten stories, each played as a person would, by pressing and reading.
//
// Those that only read are played without scripts as well.

import { send } from "../servers.mjs";

const acting = [{ width: 1280 }, { width: 360, dark: true }];
const reading = [...acting, { width: 1280, dark: true, scripts: false }, { width: 360, scripts: false }];

// So soon is a difference to be shown; a machine that does other things beside may take twice as long.
const differsMs = 2_000;

const zones = ["zone-a", "zone-b", "zone-c"];

// Says why and who, and sends the form that a button ends.
async function act(page, form, button, { by = "ann", reason = "at night" } = {}) {
  if (reason) await page.fill(`${form} [name=reason]`, reason);
  await page.fill(`${form} [name=by]`, by);
  await page.follow(button, form);
}

const findsTheBadOne = {
  name: "the one bad instance among ten thousand is three clicks away",
  looks: reading,
  async play(stage) {
    const { server } = await stage.house.crowd();
    const page = await stage.page();
    await page.go(server.url);
    const begun = Date.now();
    await page.says("1 instance says that it is down");
    await page.follow("List them", ".needs");
    stage.equal(await page.count("tbody [data-row]"), 1, "rows");
    await page.follow("i-7777", "tbody");
    await page.says("Why:", ".why");
    await page.says("down", "h1");
    stage.check(Date.now() - begun < 15_000, `it took ${Date.now() - begun} ms`);
  },
};

// Ten that live long, and four that are never heard again.
async function silent(stage) {
  const server = await stage.server(["--name", "night"]);
  const living = Array.from({ length: 10 }, (_, n) => ["ORDERS", `alive-${n}`, { zone: zones[n % 3] }]);
  const dead = Array.from({ length: 4 }, (_, n) => ["ORDERS", `dead-${n}`, { zone: zones[n % 3], interval: 1, duration: 2 }]);
  await server.registerAll([...living, ...dead]);
  return server;
}

const explainsTheDead = {
  name: "a dead instance that is still listed is explained",
  looks: reading,
  async play(stage) {
    const server = await silent(stage);
    const held = async () => JSON.parse((await server.get("/api/v1/protection")).text).guards.some((guard) => guard.held === 4);
    await stage.until("four are held", held);
    const page = await stage.page();
    await page.go(server.url);
    await page.says("All leases of this server are protected", ".needs");
    await page.go(`${server.url}/instances?query=lease:over`);
    stage.equal(await page.count("tbody [data-row]"), 4, "rows");
    await page.follow("dead-2", "tbody");
    await page.says("protected_server", ".why");
    await page.says("lease over", "#lease-head");
    await page.says("What you can do", ".why");
  },
};

const endsProtection = {
  name: "protection is ended knowingly",
  looks: acting,
  async play(stage) {
    const server = await silent(stage);
    const held = async () => JSON.parse((await server.get("/api/v1/protection")).text).guards.some((guard) => guard.held === 4);
    await stage.until("four are held", held);
    const page = await stage.page();
    await page.go(server.url);
    await page.follow("See what is held", ".needs");
    await page.says("4 are over and held", ".guard");
    await page.press("What it holds");
    await page.says("ORDERS/dead-0", ".guard");
    await page.press("Release what it holds");
    await page.says("evicted from now on", ".guard form");
    await stage.accessible(page);
    await act(page, ".guard form", "Release", { reason: "they were switched off" });
    await page.says("✓", "#said");
    await page.until("no guard is left", () => !document.querySelector(".guard"));
    await page.go(`${server.url}/events?kind=protection_released`);
    await page.says("operator ann: they were switched off");
  },
};

const drainsAHost = {
  name: "a host is drained, and it is said when it can be stopped",
  looks: acting,
  async play(stage) {
    const server = await stage.server(["--name", "night"]);
    const all = ["ORDERS", "USERS"].flatMap((app) => zones.flatMap((zone) => [0, 1].map((n) => [app, `${app}-${zone}-${n}`, { zone, host: `host-${zone}-${n}` }])));
    await server.registerAll(all);
    const read = () => send("GET", `${server.url}/eureka/apps`, undefined, { "discoveryidentity-id": "reader-1", "discoveryidentity-name": "DefaultClient", "user-agent": "Java-EurekaClient" });
    await read();
    const page = await stage.page();
    await page.go(`${server.url}/instances?query=host:host-zone-b-1`);
    stage.equal(await page.count("tbody [data-row]"), 2, "rows");
    await page.press("Act on several");
    await page.press("all 2 that match");
    await act(page, "#many", "Do it", { reason: "new disk" });
    await page.says("not to be stopped yet");
    await page.says("waiting for DefaultClient at reader-1");
    stage.every(300, read);
    await page.until("nobody is waited for", () => !document.querySelector(".drain").textContent.includes("reader-1"));
    await page.says("they can be stopped");
    await stage.accessible(page);
    await page.press("Undo it");
    await act(page, ".drain form", "Undo", { reason: "" });
    await page.says("it is over");
  },
};

const seesAZoneFail = {
  name: "a failing zone is seen, and what is left without it",
  looks: reading,
  async play(stage) {
    const server = await stage.server(["--name", "night"]);
    const status = (zone) => (zone === "zone-b" ? "DOWN" : "UP");
    const all = ["ORDERS", "USERS", "STOCK"].flatMap((app) => zones.flatMap((zone) => [0, 1].map((n) => [app, `${app}-${zone}-${n}`, { zone, status: status(zone) }])));
    await server.registerAll([...all, ["ONLYB", "only-1", { zone: "zone-b", status: "DOWN" }]]);
    const page = await stage.page();
    await page.go(server.url);
    await page.says("ONLYB has no instance up", ".needs");
    stage.equal(await page.count('.cell.none[data-zone="zone-b"]'), 4, "cells without anybody up");
    stage.equal(await page.text(".heat tbody .name a"), "ONLYB", "the worst service");
    const lose = () => page.press(stage.look.width < 760 ? '.loses a[href*="zone-a"]' : '.heat .lose[href*="zone-a"]');
    await (stage.look.scripts === false ? page.landing(lose) : lose());
    await page.says("Without zone-a", ".lost-says");
    await stage.accessible(page);
    await page.says("2 of 4", ".left");
  },
};

const spotsACut = {
  name: "a cut link is spotted",
  looks: acting,
  async play(stage) {
    const { links, servers } = await stage.cluster(3);
    const page = await stage.page();
    await page.go(`${servers[2].url}/cluster`);
    await page.says("All 3 servers have seen the same");
    links.cut(0, 1);
    const missing = (number) => page.until(`server-${number} is shown to miss one`, (row) => document.querySelectorAll(`${row} :is(.warn, .bad)`).length === 1, `[data-key="sees-server-${number}"]`);
    await missing(0);
    await missing(1);
    stage.equal(await page.count('[data-key="sees-server-2"] :is(.warn, .bad)'), 0, "what server-2 misses");
    links.mend();
    await page.until("all is well again", () => !document.querySelector(".sees :is(.warn, .bad)"));
  },
};

const findsADivergentRow = {
  name: "a row that two servers show differently is found, and mended",
  looks: acting,
  async play(stage) {
    const { links, servers } = await stage.cluster(2);
    await servers[0].register("ORDERS", "o-1", { zone: "zone-0" });
    const page = await stage.page();
    await page.go(`${servers[0].url}/cluster`);
    await page.says("All 2 servers have seen the same");
    links.cut(0, 1);
    const begun = Date.now();
    await servers[0].register("ORDERS", "o-2", { zone: "zone-0" });
    await page.until("the row is there", () => document.querySelector('[data-key="differs-server-1-ORDERS/o-2"]'));
    stage.figure("the difference was shown after", Date.now() - begun, 2 * differsMs, "ms");
    stage.equal(await page.count(".differences tbody tr"), 1, "rows that differ");
    await stage.accessible(page);
    const mended = Date.now();
    links.mend();
    await page.until("the row is gone", () => !document.querySelector(".differences"));
    stage.note(`it was gone ${Date.now() - mended} ms after the link was mended`);
    await page.says("All 2 servers have seen the same");
    await page.go(`${servers[1].url}/instances/ORDERS/o-2`);
    await page.says("up", "h1");
  },
};

const learnsWho = {
  name: "who took an instance out is learnt, and it is put back",
  looks: acting,
  async play(stage) {
    const server = await stage.server();
    await server.registerAll([["ORDERS", "o-1", { zone: "zone-a" }], ["ORDERS", "o-2", { zone: "zone-a" }]]);
    await send("PUT", `${server.url}/api/v1/instances/ORDERS/o-1/override`, JSON.stringify({ status: "OUT_OF_SERVICE", by: "ben", reason: "bad disk" }));
    const page = await stage.page();
    await page.go(`${server.url}/services/ORDERS`);
    await page.follow("o-1", "main");
    await page.says("ben", ".three");
    await page.says("operator ben: bad disk", ".events");
    await act(page, 'form[action$="act/clear"]', "Take it away", { reason: "disk is new" });
    await page.says("✓", "#said");
    await page.says("up", "h1");
    await page.says("operator ann: disk is new", ".events");
  },
};

const connectsTheFirst = {
  name: "a first Spring client connects from the empty page",
  looks: reading,
  async play(stage) {
    const server = await stage.server();
    const page = await stage.page();
    await page.go(server.url);
    await page.says("Waiting for the first registration");
    await page.says(`defaultZone: ${server.url}/eureka/`, ".snippet code");
    await stage.accessible(page);
    await server.register("DEMO", "spring:demo:8080", { zone: "zone-a" });
    if (stage.look.scripts === false) await page.go(server.url);
    await page.says("The first instance is here", ".arrived");
    await page.follow("DEMO/spring:demo:8080", ".arrived");
    await page.says("Why:", ".why");
  },
};

const byKeysAlone = {
  name: "all of it goes by keyboard alone",
  looks: acting,
  async play(stage) {
    const server = await stage.server();
    await server.registerAll(zones.map((zone) => ["ORDERS", `o-${zone}`, { zone, status: zone === "zone-b" ? "DOWN" : "UP" }]));
    const page = await stage.page();
    await page.go(server.url);
    await page.says("live", "#live");
    for (const [key, place] of [["s", "services"], ["z", "zones"], ["c", "cluster"], ["e", "events"], ["i", "instances"]]) {
      await page.landing(() => page.keys("g", key));
      stage.check((await page.where()).includes(`/${place}`), `g ${key} leads to ${place}`);
    }
    await page.keys("?");
    await page.until("the help is open", () => document.getElementById("help").open);
    await page.keys("Escape", "/");
    await page.until("the search has the focus", () => document.activeElement.matches(".search input"));
    await page.ask("Input.insertText", { text: "status:down" });
    await page.landing(() => page.keys("Enter"));
    stage.equal(await page.count("tbody [data-row]"), 1, "rows");
    await page.keys("j", "x");
    stage.equal(await page.count("[name=chosen]:checked"), 1, "chosen rows");
    await page.landing(() => page.keys("Enter"));
    await page.says("o-zone-b", "h1");
    await takeOut(page);
    await page.says("✓", "#said");
    await page.says("out of service", "h1");
    await page.keys(".");
    await page.says("paused", "#live");
    await page.keys(".", "c");
    await page.until("the same elsewhere is open", () => document.querySelector(".foot details").open);
  },
};

// From field to field by the tabulator, as far as the button.
async function takeOut(page) {
  const at = (selector) => page.eval((selector) => document.activeElement.matches(selector), selector);
  const tabTo = async (selector) => {
    for (let step = 0; step < 80 && !(await at(selector)); step++) await page.keys("Tab");
    if (!(await at(selector))) throw new Error(`the tabulator does not lead to ${selector}`);
  };
  await tabTo(".acts details:first-child > summary");
  await page.keys("Enter");
  await tabTo('form[action$="act/override"] [name=reason]');
  await page.ask("Input.insertText", { text: "by hand" });
  await tabTo('form[action$="act/override"] [name=by]');
  await page.ask("Input.insertText", { text: "ann" });
  await tabTo('form[action$="act/override"] button');
  await page.landing(() => page.keys("Enter"));
}

export const stories = [
  findsTheBadOne, explainsTheDead, endsProtection, drainsAHost, seesAZoneFail, spotsACut, findsADivergentRow, learnsWho,
  connectsTheFirst, byKeysAlone,
];
