// What clients say to do harm, and what happens when a server goes away.

import { sleep } from "../page.mjs";

const markup = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>';
const turned = "\u202eevil\u2066txt.exe";
const huge = "long ".repeat(20_000);
const urls = { homePageUrl: "javascript:window.hurt=1", statusPageUrl: "JaVaScRiPt:window.hurt=1", healthCheckUrl: "data:text/html,<script>window.hurt=1</script>" };

const hostile = {
  name: "whatever clients say is shown as text",
  looks: [{ width: 1280 }, { width: 360, dark: true }, { width: 1280, scripts: false }],
  async play(stage) {
    const server = await stage.server();
    const metadata = { [markup]: markup, turned, huge, "db.password": "hunter2", link: "javascript:window.hurt=1" };
    await server.register("ORDERS", "o-1", { zone: markup, host: "h.example", metadata, urls });
    await server.register("ORDERS", `${markup}/..?#`, { zone: turned, metadata: { version: markup } });
    const page = await stage.page();
    const id = encodeURIComponent(`${markup}/..?#`);
    for (const path of ["", "services", "services/ORDERS", "services/ORDERS?view=metadata", "zones", "instances?group_by=zone", "instances/ORDERS/o-1", `instances/ORDERS/${id}`, "events"]) {
      await page.go(`${server.url}/${path}`);
      const seen = await page.eval(harmed);
      stage.equal(seen, { hurt: false, elements: 0, links: 0, wide: false }, `/${path}`);
    }
    await page.go(`${server.url}/instances/ORDERS/o-1`);
    await page.says("javascript:window.hurt=1", "main");
    await page.says("•••", "main");
    stage.check(!(await page.text("main")).includes("hunter2"), "the secret is shown");
    await page.says("evil", ".value");
  },
};

// Runs in the page: whether something was run, made, linked, or made too wide.
function harmed() {
  const dangerous = /^(javascript|data):/i;
  return {
    hurt: "hurt" in window,
    elements: document.querySelectorAll("main img, main script").length,
    links: [...document.links].filter((link) => dangerous.test(link.href.trim())).length,
    wide: document.documentElement.scrollWidth > innerWidth,
  };
}

const away = {
  name: "while the server is away the page is dimmed and dated, and then live again",
  looks: [{ width: 1280 }, { width: 360, dark: true }],
  async play(stage) {
    const server = await stage.server();
    await server.register("ORDERS", "o-1", { zone: "zone-a" });
    const page = await stage.page();
    page.expects = /Failed to load resource|ERR_/;
    await page.go(server.url);
    await page.says("live", "#live");
    await server.end();
    await page.says("disconnected since", "#live");
    await page.says("This server does not answer since", "#away");
    stage.check(await page.eval(() => "stale" in document.documentElement.dataset), "it is dimmed");
    await page.says("ORDERS", "main");
    await stage.accessible(page);
    await stage.server(["--listen", server.url.replace("http://", "")]);
    await page.says("Waiting for the first registration");
    await page.until("it is live", () => document.getElementById("live").dataset.is === "live");
    stage.check(await page.eval(() => !("stale" in document.documentElement.dataset)), "it is no longer dimmed");
  },
};

const tabs = {
  name: "all tabs share one stream, and pausing holds one still",
  looks: [{ width: 1280 }],
  async play(stage) {
    const server = await stage.server();
    await server.register("ORDERS", "o-1", { zone: "zone-a" });
    const first = await stage.page();
    await first.go(`${server.url}/services`);
    await first.says("live", "#live");
    const second = await stage.beside(first);
    await second.go(`${server.url}/services`);
    await second.says("live", "#live");
    const streams = [first, second].flatMap((page) => [...page.requests.values()].filter(({ url }) => url.includes("/stream")));
    stage.equal(streams.length, 1, "streams");
    await server.register("USERS", "u-1", { zone: "zone-a" });
    await Promise.all([first, second].map((page) => page.says("USERS", "main")));
    await second.keys(".");
    await second.says("paused", "#live");
    await server.register("STOCK", "s-1", { zone: "zone-a" });
    await first.says("STOCK", "main");
    await sleep(500);
    stage.check(!(await second.text("main")).includes("STOCK"), "a paused page stays as it is");
    await second.keys(".");
    await second.says("STOCK", "main");
  },
};

const below = {
  name: "pages are live below any path",
  looks: [{ width: 1280 }],
  async play(stage) {
    const server = await stage.server([], { DASHBOARD__PATH: "/ops/registry" });
    const page = await stage.page();
    await page.go(`${server.url}/ops/registry`);
    await page.says("Waiting for the first registration");
    await page.says("live", "#live");
    await server.register("ORDERS", "o-1", { zone: "zone-a" });
    await page.follow("ORDERS/o-1", ".arrived");
    await page.follow("All that is remembered of it", "main");
    await page.says("its client", ".events");
  },
};

const playsBack = {
  name: "what happened is played back",
  looks: [{ width: 1280 }, { width: 360, dark: true }],
  async play(stage) {
    const server = await stage.server();
    for (const [id, status] of [["o-1", "UP"], ["o-2", "UP"], ["o-2", "DOWN"]]) await server.register("ORDERS", id, { zone: "zone-a", status });
    const page = await stage.page();
    await page.go(server.url);
    await page.says("live", "#live");
    await page.keys("t");
    await page.says("Showing now", "#playback");
    const cell = '.cell[data-zone="zone-a"]';
    const shows = (text) => page.until(`the map says ${text}`, (cell, text) => document.querySelector(cell).textContent.includes(text), cell, text);
    await shows("1/2");
    await page.press("Back", "#playback");
    await page.says("not now", "#playback");
    await shows("2/2");
    await stage.accessible(page);
    await page.press("Back", "#playback");
    await shows("1/1");
    await server.register("ORDERS", "o-3", { zone: "zone-a" });
    await sleep(1_500);
    await shows("1/1");
    await page.press("Play fast", "#playback");
    await shows("1/2");
    await page.press("Back to now", "#playback");
    await shows("2/3");
  },
};

export const harm = [hostile, away, tabs, below, playsBack];
