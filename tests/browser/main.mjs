// Plays every scene, as README.md tells; prints a line for each, and a last line that counts them.

import { existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { fetched } from "./axe.mjs";
import { Browser, find, version } from "./browser.mjs";
import { scenes } from "./scenes/all.mjs";
import { House, Stage } from "./stage.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const target = resolve(process.env.CARGO_TARGET_DIR ?? join(root, "target"));
const work = resolve(process.env.PEERAGE_BROWSER_WORK ?? join(target, "browser"));

const { values: told } = parseArgs({
  options: {
    server: { type: "string", default: join(target, "release/peerage") },
    only: { type: "string", multiple: true, default: [] },
    jobs: { type: "string", default: "2" },
    list: { type: "boolean", default: false },
    pictures: { type: "string" },
  },
});

// Plays one scene; answers what is wrong, null if nothing is.
async function play(house, { scene, look }) {
  const stage = new Stage(house, look);
  const begun = Date.now();
  let wrong = null;
  try {
    await scene.play(stage);
    wrong = stage.complaints();
  } catch (error) {
    wrong = [error.message, ...stage.complaints()];
    if (process.env.DEBUG) console.log(error.stack);
  }
  await stage.end();
  return { wrong, notes: stage.notes, took: Date.now() - begun };
}

function tell({ scene, look }, { wrong, notes, took }) {
  const looks = [`${look.width ?? 1280} px`, look.dark ? "dark" : "light", ...(look.scripts === false ? ["no scripts"] : [])];
  console.log(`${wrong.length ? "FAILED" : "passed"} ${scene.name} (${looks.join(", ")}; ${(took / 1000).toFixed(1)} s)`);
  notes.forEach((line) => console.log(`    ${line}`));
  wrong.forEach((line) => console.log(`    ${line}`));
}

// Several side by side; those that fail there must hold alone, for what is slow beside others is no fault of the pages.
async function playAll(house, plays) {
  const rest = plays[Symbol.iterator]();
  const again = [];
  const one = async () => {
    for (const each of rest) {
      const played = await play(house, each);
      if (played.wrong.length) again.push(each);
      else tell(each, played);
    }
  };
  await Promise.all(Array.from({ length: Number(told.jobs) }, one));
  let failed = 0;
  for (const each of again) {
    const played = await play(house, each);
    tell(each, played);
    failed += played.wrong.length ? 1 : 0;
  }
  return failed;
}

async function main() {
  const chosen = scenes.filter(({ name }) => !told.only.length || told.only.some((part) => name.includes(part)));
  const plays = chosen.flatMap((scene) => scene.looks.map((look) => ({ scene, look })));
  if (told.list) return scenes.forEach(({ name }) => console.log(name));
  if (!existsSync(told.server)) {
    console.log(`no server at ${told.server}: build it with \`cargo build --release\`, or name one with --server`);
    process.exit(1);
  }
  const path = find();
  if (!path) return console.log("skipped: there is no Chromium on this machine, and none could be installed");
  console.log(version(path));
  mkdirSync(work, { recursive: true });
  const axe = fetched(work);
  if (!axe) console.log("skipped: axe-core cannot be fetched, so nobody looks for its offences");
  const house = new House({ browser: new Browser(path), binary: resolve(told.server), axe, work, pictures: told.pictures });
  const begun = Date.now();
  const failed = await playAll(house, plays).finally(() => house.end());
  console.log(`${plays.length - failed} passed, ${failed} failed, in ${Math.round((Date.now() - begun) / 1000)} s`);
  process.exitCode = failed ? 1 : 0;
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
await main();
