// Real servers, and clients that register with them.
//
// What must always hold: every process is ended with the scene that started it.

import { spawn } from "node:child_process";
import { Agent, request } from "node:http";
import { createInterface } from "node:readline";

import { sleep } from "./page.mjs";

const patienceMs = 60_000;
const keptOpen = new Agent({ keepAlive: true, maxSockets: 24 });

// Waits until something answers a true value.
export async function until(what, look) {
  const end = Date.now() + patienceMs;
  for (;;) {
    const said = await look();
    if (said) return said;
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await sleep(50);
  }
}

export class Server {
  last = [];

  // Starts a server with these flags and settings, on ports that are free unless the flags say otherwise.
  static async start(binary, flags = [], settings = {}) {
    const server = new Server();
    const peers = flags.includes("--peer-listen") ? [] : ["--peer-listen", "127.0.0.1:0"];
    const listen = flags.includes("--listen") ? [] : ["--listen", "127.0.0.1:0"];
    const own = [...listen, ...peers, "--log-format", "json"];
    const env = { ...process.env, ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [`PEERAGE__${key}`, value])) };
    server.process = spawn(binary, ["serve", ...own, ...flags], { stdio: ["ignore", "ignore", "pipe"], env });
    const { address, peer_address } = await server.#said();
    return Object.assign(server, { url: `http://${address}`, peers: peer_address });
  }

  // What the log says when it serves. The log is read to its end, for nobody else does.
  #said() {
    return new Promise((done, fail) => {
      createInterface({ input: this.process.stderr }).on("line", (line) => {
        this.last = [...this.last.slice(-20), line];
        const said = line.startsWith("{") ? JSON.parse(line) : {};
        if (said.event === "ready" || said.event === "joining") done(said);
      });
      this.process.on("exit", () => fail(new Error(`the server has ended:\n${this.last.join("\n")}`)));
    });
  }

  ready() {
    return until(`${this.url} is ready`, async () => (await this.get("/readyz").catch(() => ({}))).status === 200);
  }

  get(path) {
    return send("GET", this.url + path);
  }

  // Registers an instance. `terms`: status, zone, host, metadata, interval and duration in seconds.
  async register(app, id, terms = {}) {
    const { status, text } = await send("POST", `${this.url}/eureka/apps/${encodeURIComponent(app)}`, instance(app, id, terms));
    if (status !== 204) throw new Error(`${app}/${id} is refused: ${status} ${text}`);
  }

  async registerAll(all, atOnce = 24) {
    const rest = all[Symbol.iterator]();
    const one = async () => {
      for (const [app, id, terms] of rest) await this.register(app, id, terms);
    };
    await Promise.all(Array.from({ length: atOnce }, one));
  }

  beat(app, id) {
    return send("PUT", `${this.url}/eureka/apps/${encodeURIComponent(app)}/${encodeURIComponent(id)}`);
  }

  signal(name) {
    this.process.kill(name);
  }

  async end() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = new Promise((done) => this.process.once("exit", done));
    this.process.kill("SIGKILL");
    await ended;
  }
}

// `peerage demo`: three servers and some clients.
export class Demo {
  static async start(binary, port) {
    const demo = new Demo();
    demo.process = spawn(binary, ["demo", "--port-base", String(port), "--seed", "7", "--clients", "120"], { stdio: "ignore" });
    demo.url = `http://127.0.0.1:${port}`;
    const listed = async () => {
      if (demo.process.exitCode !== null) throw new Error("the demo has ended");
      const { text } = await send("GET", `${demo.url}/api/v1/services`).catch(() => ({}));
      return text && JSON.parse(text).services?.length > 5;
    };
    await until("the demo has services", listed);
    return demo;
  }
}
Demo.prototype.end = Server.prototype.end;

function instance(app, id, { status = "UP", zone, host = `${id}.example`, metadata = {}, interval = 1000, duration = 3000, urls = {} }) {
  return JSON.stringify({
    instance: {
      app, instanceId: id, hostName: host, ipAddr: "10.0.0.5", status, vipAddress: app.toLowerCase(), ...urls,
      port: { $: 8080, "@enabled": "true" },
      metadata: zone ? { zone, ...metadata } : metadata,
      leaseInfo: { renewalIntervalInSecs: interval, durationInSecs: duration },
      dataCenterInfo: { "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", name: "MyOwn" },
    },
  });
}

// Sends something, and answers with status and text.
export function send(method, url, body = undefined, headers = {}) {
  return new Promise((done, fail) => {
    const head = { accept: "application/json", ...(body ? { "content-type": "application/json" } : {}), ...headers };
    const asked = request(url, { method, agent: keptOpen, headers: head }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => done({ status: answer.statusCode, text: Buffer.concat(parts).toString() }));
    });
    asked.on("error", fail);
    asked.end(body);
  });
}
