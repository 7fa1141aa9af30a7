// A browser without a window, driven by its own protocol through two pipes.
//
// Here: finding it, starting it, asking it. Not here: what is done with a page (page.mjs). What must always hold: every
// page has a context of its own, so that nothing is left over from one scene to the next.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Page } from "./page.mjs";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const flags = [
  "--headless=new", "--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check", "--disable-gpu",
  "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows",
  "--disable-extensions", "--mute-audio", "--hide-scrollbars", "--force-color-profile=srgb",
];

// Where the browser is. On Debian it is installed by whoever may; null where there is none.
export function find() {
  const known = process.env.PEERAGE_BROWSER ? [process.env.PEERAGE_BROWSER] : names;
  const found = () => known.find((name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0) ?? null;
  return found() ?? (install() ? found() : null);
}

function install() {
  if (process.getuid() !== 0 || spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status !== 0) return false;
  console.log("installing chromium");
  const apt = (...words) => spawnSync("apt-get", ["-qq", ...words], { stdio: "ignore", timeout: 180_000 }).status === 0;
  return apt("install", "-y", "--no-install-recommends", "chromium") || (apt("update") && apt("install", "-y", "--no-install-recommends", "chromium"));
}

export class Browser {
  #process;
  #folder = mkdtempSync(join(tmpdir(), "peerage-browser-"));
  #asked = new Map();
  #pages = new Map();
  #last = 0;
  #rest = [];
  #ended = null;

  constructor(path) {
    // Its own sandbox does not work for the superuser; what it is shown comes from the server under test alone.
    const own = process.getuid() === 0 ? ["--no-sandbox"] : [];
    this.#process = spawn(path, [...flags, ...own, `--user-data-dir=${this.#folder}`, "about:blank"], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    this.#process.stdio[4].on("data", (bytes) => this.#read(bytes));
    this.#process.on("exit", () => this.#end());
    this.#process.stdio[3].on("error", () => this.#end());
  }

  // Messages end with a zero byte.
  #read(bytes) {
    let from = 0;
    for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, from)) {
      this.#rest.push(bytes.subarray(from, end));
      this.#hear(JSON.parse(Buffer.concat(this.#rest)));
      this.#rest = [];
      from = end + 1;
    }
    this.#rest.push(bytes.subarray(from));
  }

  #hear({ id, result, error, method, params, sessionId }) {
    if (!id) return this.#pages.get(sessionId)?.hear(method, params);
    const { keep, fail } = this.#asked.get(id);
    this.#asked.delete(id);
    if (error) fail(new Error(error.message));
    else keep(result);
  }

  #end() {
    this.#ended = new Error("the browser has ended");
    for (const { fail } of this.#asked.values()) fail(this.#ended);
    this.#asked.clear();
  }

  // Asks the browser, or one of its pages, to do something.
  ask(method, params = {}, sessionId = undefined) {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = ++this.#last;
    this.#process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((keep, fail) => this.#asked.set(id, { keep, fail }));
  }

  // A page in a context of its own, which looks like `look`: width, dark, scripts.
  async page(look = {}) {
    const { browserContextId } = await this.ask("Target.createBrowserContext", { disposeOnDetach: true });
    return this.beside({ context: browserContextId, look });
  }

  // A further page of the same context: another tab.
  async beside({ context, look }) {
    const { targetId } = await this.ask("Target.createTarget", { url: "about:blank", browserContextId: context });
    const { sessionId } = await this.ask("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page({ browser: this, session: sessionId, target: targetId, context, look });
    this.#pages.set(sessionId, page);
    await page.begin();
    return page;
  }

  async close() {
    const ended = new Promise((keep) => this.#process.once("exit", keep));
    this.#process.kill("SIGKILL");
    await ended;
    // Its helpers may write a little longer.
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }).catch(() => {});
  }
}

// What the browser calls itself.
export const version = (path) => execFileSync(path, ["--version"], { encoding: "utf8" }).trim();
