// The module's reader of queries, on the cases that are put to the server's as well.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { asks, matches, Mistake, parse } from "../assets/query.js";

const { instances, cases } = JSON.parse(readFileSync(new URL("queries.json", import.meta.url)));

for (const { query, finds, mistake } of cases) {
  test(`the query ${JSON.stringify(query)} comes out as at the server`, () => {
    if (mistake) {
      assert.throws(() => parse(query), (error) => {
        assert.ok(error instanceof Mistake, error.stack);
        const { position, length, suggestion } = error;
        assert.deepEqual({ position, length, suggestion }, mistake);
        return true;
      });
      return;
    }
    const parsed = parse(query);
    const found = Object.keys(instances).filter((name) => matches(parsed, instances[name]));
    assert.deepEqual(found, finds);
  });
}

test("a query tells what it asks for, so that who does not know it can ask the server", () => {
  assert.deepEqual([...asks(parse("zone:a x meta.k:v -status:up"))], ["zone", "text", "meta", "status"]);
});

test("what is too long is a mistake, and a hostile pattern ends soon", () => {
  assert.throws(() => parse("x".repeat(4097)), Mistake);
  assert.throws(() => parse("a ".repeat(65)), Mistake);
  assert.throws(() => parse(`app:${"a,".repeat(600)}a`), Mistake);
  const hostile = parse("*a".repeat(500));
  const begun = Date.now();
  assert.equal(matches(hostile, { ...instances.orders, id: "b".repeat(20_000) }), false);
  assert.ok(Date.now() - begun < 5_000);
});
