// The query language, with the answers of the server's own reader: `zone:a status:down meta.version:1.* "text" -app:x*`.
//
// Here: from text to a query or a Mistake with its place, and whether an instance matches. What must always hold: the
// cases of tests/queries.json come out here as they do at the server, which is asked for the same ones.

const bounds = { chars: 4096, terms: 64, values: 512, texts: 200_000 };
const statuses = ["DOWN", "OUT_OF_SERVICE", "STARTING", "UNKNOWN", "UP"];
const leases = ["fresh", "late", "silent", "over"];
const codes = [
  "fresh", "learned_from_peer", "overridden", "late", "orphan_awaiting_adoption", "orphan_kept", "protected_isolated",
  "protected_server", "protected_zone", "expired_awaiting_quota", "cancelled", "evicted", "unknown",
];
const words = ["app", "id", "host", "ip", "zone", "owner", "port", "vip"];
const keys = [
  "app", "id", "host", "ip", "zone", "status", "own", "overridden", "protected", "lease", "owner", "code", "port", "vip",
  "age", "renewed", "meta.KEY", "not",
];
const comparisons = {
  ">=": (value, bound) => value >= bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  "<": (value, bound) => value < bound,
};
const units = { ms: 1n, s: 1000n, min: 60_000n, m: 60_000n, h: 3_600_000n, d: 86_400_000n };
const timeMax = 2n ** 64n - 1n;

// What is wrong with a query: `length` characters from `position` on; 0: something is missing there.
export class Mistake extends Error {
  constructor(message, position, length, expected = [], suggestion = null) {
    super(message);
    Object.assign(this, { position, length, expected, suggestion });
  }
}

// A query, or a Mistake thrown. Terms have what they ask for (`asks`), and whether they hold (`holds`).
export function parse(text) {
  const chars = [...text];
  if (chars.length > bounds.chars) throw new Mistake(`a query has at most ${bounds.chars} characters`, bounds.chars, 1);
  const reader = new Reader(chars);
  const terms = [];
  while (reader.skipBlanks()) {
    const begins = reader.place;
    terms.push(reader.term());
    if (terms.length > bounds.terms) {
      throw new Mistake(`a query has at most ${bounds.terms} terms`, begins, reader.place - begins);
    }
  }
  return terms;
}

// Whether an instance matches. It has app, id, host, ip, zone, owner, status, own_status, overridden (null: no), protected,
// lease, code, ports, vips, metadata, age_ms and heard_ms; a query that asks for none of these does without.
export const matches = (query, instance) => query.every((term) => term.holds(instance) !== term.negated);

// What a query asks of an instance: `text`, `meta`, or keys. Who has less of instances must ask the server.
export const asks = (query) => new Set(query.map((term) => term.asks));

const blank = /^\p{White_Space}$/u;
const asciiLower = (text) => text.replace(/[A-Z]/g, (c) => c.toLowerCase());
const folded = (c) => [...c.toLowerCase()][0];
const any = Symbol("any text");
const one = Symbol("any character");
const shown = (pieces) => pieces.map((piece) => (piece === any ? "*" : piece === one ? "?" : piece)).join("");

class Reader {
  constructor(chars) {
    Object.assign(this, { chars, place: 0, values: 0 });
  }

  get peek() {
    return this.chars[this.place];
  }

  get ends() {
    return this.peek === undefined || blank.test(this.peek);
  }

  skipBlanks() {
    while (this.peek !== undefined && blank.test(this.peek)) this.place += 1;
    return this.peek !== undefined;
  }

  term() {
    let negated = false;
    for (;;) {
      if (this.peek === "-") this.place += 1;
      else if (asciiLower(this.chars.slice(this.place, this.place + 4).join("")) === "not:") this.place += 4;
      else break;
      negated = !negated;
      if (this.ends) throw new Mistake("a term to negate is missing", this.place, 0);
    }
    const begins = this.place;
    const key = this.key();
    const test = key === null ? this.text() : this.test(key, begins);
    return { negated, ...test };
  }

  // The key of a term, if it has one. What follows is its value.
  key() {
    const begins = this.place;
    let key = "";
    for (; this.peek !== undefined; this.place += 1) {
      if (this.peek === ":") {
        this.place += 1;
        return known(key, begins);
      }
      if (this.peek === '"' && asciiLower(key) === "meta.") {
        key += this.quoted().filter((piece) => typeof piece === "string").join("");
        this.place -= 1;
        continue;
      }
      if ('",\\'.includes(this.peek) || blank.test(this.peek)) break;
      key += this.peek;
    }
    this.place = begins;
    return null;
  }

  text() {
    const pattern = whole([any, ...this.value(false).pieces, any]);
    const says = ({ app, id, host, ip, metadata }) =>
      [app, id, host, ip, ...Object.values(metadata)].some((value) => fits(pattern, value));
    return { asks: "text", holds: says };
  }

  test(key, begins) {
    switch (key) {
      case "status": return this.choice(key, statuses, (instance) => instance.status);
      case "own": return this.choice(key, statuses, (instance) => instance.own_status);
      case "lease": return this.choice(key, leases, (instance) => instance.lease);
      case "code": return this.choice(key, codes, (instance) => instance.code);
      case "overridden": return this.overridden();
      case "protected": return this.protected();
      case "age": return this.time(key, (instance) => instance.age_ms);
      case "renewed": return this.time(key, (instance) => instance.heard_ms);
    }
    if (words.includes(key)) return this.word(key);
    const name = key.slice("meta.".length);
    if (!name) throw new Mistake("a key of the metadata is missing", begins + [...key].length, 0, ["meta.KEY"]);
    const patterns = this.patterns();
    const says = ({ metadata }) =>
      Object.entries(metadata).some(([known, value]) => asciiLower(known) === asciiLower(name) && patterns.some((pattern) => fits(pattern, value)));
    return { asks: "meta", holds: says };
  }

  word(key) {
    const patterns = this.patterns();
    const said = (instance) => (key === "port" ? instance.ports.map(String) : key === "vip" ? instance.vips : [instance[key]]);
    return { asks: key, holds: (instance) => said(instance).some((value) => patterns.some((pattern) => fits(pattern, value))) };
  }

  patterns() {
    return this.several().map((value) => whole(value.pieces));
  }

  // Values with commas between them.
  several() {
    const values = [this.value(true)];
    while (this.peek === ",") {
      this.place += 1;
      values.push(this.value(true));
    }
    return values;
  }

  // A value up to a blank, and to a comma where there may be several.
  value(several) {
    const begins = this.place;
    const pieces = [];
    this.values += 1;
    while (!this.ends && !(several && this.peek === ",")) {
      if (this.peek === '"') pieces.push(...this.quoted());
      else pieces.push(this.piece());
    }
    if (this.place === begins) throw new Mistake("a value is missing", begins, 0);
    if (this.values > bounds.values) {
      throw new Mistake(`a query has at most ${bounds.values} values`, begins, this.place - begins);
    }
    return { begins, length: this.place - begins, pieces };
  }

  piece() {
    const c = this.peek;
    this.place += 1;
    if (c === "*") return any;
    if (c === "?") return one;
    if (c !== "\\" || this.peek === undefined) return c;
    this.place += 1;
    return this.chars[this.place - 1];
  }

  quoted() {
    const begins = this.place;
    const pieces = [];
    this.place += 1;
    while (this.peek !== undefined) {
      const c = this.peek;
      this.place += 1;
      if (c === '"') return pieces;
      if (c !== "\\") pieces.push(c);
      else if (this.peek !== undefined) {
        pieces.push(this.peek);
        this.place += 1;
      }
    }
    throw new Mistake("a quote that is never closed", begins, this.place - begins, ['"']);
  }

  // All of these that one of the values matches; each value must match one at least.
  choices(all) {
    return this.several().flatMap((value) => {
      const pattern = whole(value.pieces);
      const chosen = all.filter((name) => fits(pattern, name));
      if (chosen.length === 0) throw wrong(value, "there is no such value", all);
      return chosen;
    });
  }

  choice(key, all, of) {
    const chosen = this.choices(all);
    return { asks: key, holds: (instance) => chosen.includes(of(instance)) };
  }

  overridden() {
    const chosen = this.choices(["yes", "no", ...statuses]);
    const holds = ({ overridden }) =>
      overridden ? chosen.includes("yes") || chosen.includes(overridden) : chosen.includes("no");
    return { asks: "overridden", holds };
  }

  protected() {
    const value = this.value(true);
    const said = asciiLower(shown(value.pieces));
    if (said !== "yes" && said !== "no") throw wrong(value, "this is neither yes nor no", ["yes", "no"]);
    return { asks: "protected", holds: (instance) => instance.protected === (said === "yes") };
  }

  time(key, of) {
    const value = this.value(true);
    const text = shown(value.pieces);
    const sign = Object.keys(comparisons).find((sign) => text.startsWith(sign));
    const bound = sign ? duration(text.slice(sign.length)) : null;
    if (bound === null) {
      const mistake = wrong(value, "this is no comparison with a time", [">10m", "<30s", ">=1h", "<=500ms"]);
      mistake.suggestion = !sign && duration(text) !== null ? `>${text}` : null;
      throw mistake;
    }
    return { asks: key, holds: (instance) => comparisons[sign](of(instance), bound) };
  }
}

// A whole number and its unit, in milliseconds.
function duration(text) {
  const [, number, unit] = /^([0-9]+)([^0-9].*)$/s.exec(text) ?? [];
  const factor = Object.hasOwn(units, asciiLower(unit ?? "")) ? units[asciiLower(unit)] : null;
  if (!factor) return null;
  const time = BigInt(number) * factor;
  return time > timeMax ? null : Number(time);
}

function known(key, begins) {
  const lower = asciiLower(key);
  if (lower.startsWith("meta.")) return `meta.${key.slice("meta.".length)}`;
  if (keys.includes(lower)) return lower;
  const message = key ? `"${key}" is no key; put text that holds a colon in quotes` : "there is no key before this colon";
  const near = nearest(lower, keys);
  throw new Mistake(message, begins, Math.max(1, [...key].length), keys, near && `${near}:`);
}

function wrong(value, message, expected) {
  return new Mistake(message, value.begins, value.length, expected, nearest(shown(value.pieces), expected));
}

// ---- Patterns

// One that must match the whole of a text.
function whole(pieces) {
  const lower = pieces.map((piece) => (typeof piece === "string" ? folded(piece) : piece));
  return lower.filter((piece, place) => piece !== any || lower[place - 1] !== any);
}

// After a piece that takes any text, only the last one is ever tried again: what an earlier one could take more, the last
// one can take as well. So it takes no more steps than the product of both lengths.
function fits(pattern, text) {
  const chars = lowered(text);
  let [place, at] = [0, 0];
  let [again, taken] = [-1, 0];
  for (;;) {
    const piece = pattern[place];
    if (piece === any) {
      place += 1;
      again = place;
      taken = at;
      continue;
    }
    if (piece === undefined && at === chars.length) return true;
    if (piece !== undefined && at < chars.length && (piece === one || chars[at] === piece)) {
      place += 1;
      at += 1;
      continue;
    }
    if (again < 0 || taken >= chars.length) return false;
    taken += 1;
    place = again;
    at = taken;
  }
}

// The characters of a text, folded: the same texts are looked at with every key that is typed.
const texts = new Map();

function lowered(text) {
  let chars = texts.get(text);
  if (chars) return chars;
  if (texts.size >= bounds.texts) texts.clear();
  chars = [...text].map(folded);
  texts.set(text, chars);
  return chars;
}

// ---- What was probably meant: Jaro and Winkler's likeness, as the server measures it

const likenessMin = 0.75;

function nearest(text, names) {
  const lower = text.toLowerCase();
  let best = null;
  for (const name of names) {
    const likeness = winkler([...lower], [...name.toLowerCase()]);
    if (likeness >= likenessMin && (!best || likeness >= best.likeness)) best = { name, likeness };
  }
  return best?.name ?? null;
}

function winkler(a, b) {
  const likeness = jaro(a, b);
  if (likeness <= 0.7) return likeness;
  let prefix = 0;
  while (prefix < Math.min(4, a.length, b.length) && a[prefix] === b[prefix]) prefix += 1;
  return likeness + 0.1 * prefix * (1 - likeness);
}

function jaro(a, b) {
  if (a.length === 0 || b.length === 0) return a.length === b.length ? 1 : 0;
  const range = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1);
  const taken = new Array(b.length).fill(false);
  const inA = a.filter((c, i) => {
    for (let j = Math.max(0, i - range); j < Math.min(b.length, i + range + 1); j += 1) {
      if (taken[j] || b[j] !== c) continue;
      taken[j] = true;
      return true;
    }
    return false;
  });
  if (inA.length === 0) return 0;
  const inB = b.filter((_, j) => taken[j]);
  const moved = Math.floor(inA.filter((c, i) => c !== inB[i]).length / 2);
  return (inA.length / a.length + inA.length / b.length + (inA.length - moved) / inA.length) / 3;
}
