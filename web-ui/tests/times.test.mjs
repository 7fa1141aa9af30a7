// The module's words for times, on the cases that are put to the pages' as well.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { words } from "../assets/times.js";

for (const [apart, said] of JSON.parse(readFileSync(new URL("times.json", import.meta.url)))) {
  test(`${apart} ms from now is said as ${said}`, () => assert.equal(words(apart), said));
}
