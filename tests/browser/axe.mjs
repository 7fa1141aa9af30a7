// The rules of accessibility, as axe-core knows them.
//
// axe-core is no part of this project: it is fetched once, at the version below, into the folder of the work.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const version = "4.14.1";
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

// The text of axe-core; null where it cannot be had.
export function fetched(folder) {
  const file = join(folder, `axe-${version}`, "node_modules/axe-core/axe.min.js");
  if (!existsSync(file)) {
    mkdirSync(join(folder, `axe-${version}`), { recursive: true });
    const words = ["install", "--prefix", join(folder, `axe-${version}`), "--ignore-scripts", "--no-audit", "--no-fund", "--silent", `axe-core@${version}`];
    spawnSync("npm", words, { stdio: "ignore", timeout: 60_000 });
  }
  return existsSync(file) ? readFileSync(file, "utf8") : null;
}

// What the page offends against, a line each.
export async function offences(page, axe) {
  if (!(await page.eval(() => "axe" in window))) await page.eval(`${axe};0`);
  return page.eval(async (rules) => {
    const { violations } = await window.axe.run(document, { runOnly: { type: "tag", values: rules }, resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary.split("\n")[1]?.trim()}`));
  }, rules);
}
