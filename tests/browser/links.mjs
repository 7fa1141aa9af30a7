// The network between some servers, by stand-ins through which they reach each other, so that links can be cut.
//
// What must always hold: a cut swallows in silence, as a broken network does; what was held back of a stream comes whole
// and in order once it is mended.

import { createSocket } from "node:dgram";
import { connect, createServer } from "node:net";

const peerPort = 8764;

// Addresses of one scene: servers send from 127.x.y.11 and so on, and are reached by 127.x.y.111 and so on.
export class Links {
  #cut = new Set();
  #held = new Set();
  #open = [];

  constructor() {
    // Scenes run side by side, in processes of their own too.
    const part = process.pid % 200;
    this.net = `127.${30 + Links.#count++}.${part}`;
  }
  static #count = 0;

  peers = (server) => `${this.net}.${11 + server}:${peerPort}`;
  standIn = (server) => `${this.net}.${111 + server}:${peerPort}`;

  // What a server of this number is told of the network.
  flags(server) {
    return ["--peer-listen", this.peers(server), "--advertise", this.standIn(server)];
  }

  async open(servers) {
    for (let to = 0; to < servers; to++) await Promise.all([this.#datagrams(to), this.#streams(to)]);
  }

  // Nothing passes between these two any more.
  cut(one, other) {
    this.#cut.add(`${one} ${other}`).add(`${other} ${one}`);
  }

  mend() {
    this.#cut.clear();
    for (const go of this.#held) go();
    this.#held.clear();
  }

  close() {
    this.#open.forEach((each) => (each.destroy ? each.destroy() : each.close()));
  }

  #passes = (from, to) => !this.#cut.has(`${from} ${to}`);
  #who = (address) => Number(address.split(".")[3]) - 11;

  #datagrams(to) {
    const socket = createSocket("udp4");
    this.#open.push(socket);
    socket.on("message", (bytes, { address }) => {
      if (this.#passes(this.#who(address), to)) socket.send(bytes, peerPort, `${this.net}.${11 + to}`);
    });
    return new Promise((done) => socket.bind(peerPort, `${this.net}.${111 + to}`, done));
  }

  #streams(to) {
    const listener = createServer((from) => {
      const who = this.#who(from.remoteAddress);
      const onward = connect(peerPort, `${this.net}.${11 + to}`);
      this.#open.push(from, onward);
      this.#pass(from, onward, who, to);
      this.#pass(onward, from, to, who);
    });
    this.#open.push(listener);
    return new Promise((done) => listener.listen(peerPort, `${this.net}.${111 + to}`, done));
  }

  #pass(from, onward, who, whom) {
    from.on("data", (bytes) => {
      if (this.#passes(who, whom)) return onward.write(bytes);
      from.pause();
      return this.#held.add(() => (onward.write(bytes), from.resume()));
    });
    from.on("close", () => onward.end());
    from.on("error", () => {});
  }
}
