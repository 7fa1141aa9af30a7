// What scenes are played on: servers, the network between them, pages; and what is seen to at the end of each.
//
// Here: the house, which all scenes share, and the stage, which each has for itself. What must always hold: no scene ends
// well if a page of it had an error on its console, or asked anybody but the servers of the scene.

import { offences } from "./axe.mjs";
import { Links } from "./links.mjs";
import { sleep } from "./page.mjs";
import { Demo, Server, until } from "./servers.mjs";

// The demo wants six ports side by side. Below those that systems hand out by themselves few are taken.
const demoPorts = { least: 10_000, span: 20_000, apart: 101, tries: 20 };

// The browser, and servers that many scenes only read from.
export class House {
  #shared = new Map();
  #processes = new Set();

  constructor(own) {
    Object.assign(this, own);
    // Whatever happens, no process outlives this one.
    process.once("exit", () => this.#processes.forEach((server) => server.process.kill("SIGKILL")));
  }

  // Made by whoever asks first, and kept until the end.
  shared(name, make) {
    if (!this.#shared.has(name)) {
      const made = make();
      this.#shared.set(name, made);
      // What could not be made is made anew by whoever asks next.
      made.catch(() => this.#shared.delete(name));
    }
    return this.#shared.get(name);
  }

  demo() {
    return this.shared("demo", async () => {
      const { least, span, apart, tries } = demoPorts;
      for (let attempt = 1; ; attempt++) {
        const port = least + ((process.pid * 7 + attempt * apart) % span);
        const demo = await Demo.start(this.binary, port).catch((error) => error);
        if (demo instanceof Demo) return this.keep(demo);
        if (attempt === tries) throw demo;
      }
    });
  }

  // A server with ten thousand instances, one of them down.
  crowd() {
    return this.shared("crowd", async () => {
      const server = await this.server(["--name", "crowded"]);
      const one = (_, n) => [`S${n % 40}`, `i-${n}`, { zone: `zone-${"abc"[n % 3]}`, status: n === 7777 ? "DOWN" : "UP", metadata: { version: `1.${n % 5}` } }];
      await server.registerAll(Array.from({ length: 10_000 }, one));
      return { server };
    });
  }

  async server(flags, settings) {
    return this.keep(await Server.start(this.binary, flags, settings));
  }

  keep(server) {
    this.#processes.add(server);
    return server;
  }

  async end() {
    await this.browser.close();
    await Promise.all([...this.#processes].map((server) => server.end()));
  }
}

export class Stage {
  #pages = [];
  #ends = [];
  #wrong = [];

  constructor(house, look) {
    this.house = house;
    this.look = look;
  }

  // A page that looks as this play wants it, unless told otherwise.
  async page(look = {}) {
    return this.#watch(await this.house.browser.page({ ...this.look, ...look }));
  }

  // Another tab beside it.
  async beside(page) {
    return this.#watch(await this.house.browser.beside({ context: page.context, look: page.look }));
  }

  #watch(page) {
    this.#pages.push(page);
    return page;
  }

  // A server of this scene's own.
  async server(flags = [], settings = {}) {
    const server = await this.house.server(flags, settings);
    this.#ends.push(() => server.end());
    return server;
  }

  // Servers that reach each other by links that can be cut, and are ready.
  async cluster(size) {
    const links = new Links();
    this.#ends.push(() => links.close());
    await links.open(size);
    const brisk = { CLUSTER__JOIN_WAIT: "2s", CLUSTER__COLLECT_MIN: "3s", CLUSTER__CALM: "2s", CLUSTER__RECONNECT: "500ms" };
    const servers = [];
    for (let n = 0; n < size; n++) {
      const joins = Array.from({ length: n }, (_, known) => ["--join", links.standIn(known)]).flat();
      const server = await this.server(["--name", `server-${n}`, "--zone", `zone-${n}`, ...links.flags(n), ...joins], brisk);
      await server.ready();
      servers.push(server);
    }
    return { links, servers };
  }

  // Does something again and again until the end.
  every(ms, act) {
    const timer = setInterval(() => act().catch(() => {}), ms);
    this.#ends.push(() => clearInterval(timer));
  }

  // Says what is wrong if it is.
  check(holds, what) {
    if (!holds) this.#wrong.push(what);
  }

  equal(found, expected, what) {
    this.check(JSON.stringify(found) === JSON.stringify(expected), `${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
  }

  complaints() {
    const foreign = ({ url }) => !/^(http:\/\/127\.|data:|about:)/.test(url);
    const asked = this.#pages.flatMap((page) => [...page.requests.values()].filter(foreign).map(({ url }) => `asked ${url}`));
    const said = this.#pages.flatMap((page) => page.problems.filter((line) => !page.expects?.test(line)).map((line) => `console: ${line}`));
    return [...this.#wrong, ...asked, ...said];
  }

  async end() {
    await Promise.all(this.#pages.map((page) => page.close().catch(() => {})));
    await Promise.all(this.#ends.map((end) => end()));
  }

  // Whether everybody can use the page as it is now.
  async accessible(page) {
    const { axe } = this.house;
    if (!axe || page.look.scripts === false) return;
    const where = await page.eval(() => location.href);
    for (const line of await offences(page, axe)) this.check(false, `${where}: ${line}`);
  }

  // A figure, and what it may be at most.
  figure(what, found, most, unit) {
    this.note(`${what} ${Math.round(found)} ${unit}`);
    this.check(found <= most, `${what} ${Math.round(found)} ${unit}, more than ${most}`);
  }

  // A figure that is worth telling.
  note(words) {
    this.notes.push(words);
  }
  notes = [];

  until = until;
  sleep = sleep;
}
