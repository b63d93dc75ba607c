import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { applyMutation } from "../../tools/mutations/apply.js";
import { MUTATIONS } from "../../tools/mutations/list.js";

const ROOT = join(import.meta.dirname, "../..");

describe("the list of mutations", () => {
  it("applies to the tree as it is, each at one place", () => {
    for (const mutation of MUTATIONS) {
      const text = readFileSync(join(ROOT, mutation.file), "utf8");
      assert.notEqual(applyMutation(mutation, text), text, mutation.name);
    }
  });

  it("names tests that are there", () => {
    for (const { caughtBy } of MUTATIONS) assert.ok(caughtBy === "world" || existsSync(join(ROOT, caughtBy)), caughtBy);
  });

  it("says so when the code has changed under a mutation", () => {
    const mutation = { ...MUTATIONS[0]!, find: "gone" };
    assert.throws(() => applyMutation(mutation, "text"), /expected its text once in .*, found it 0 times/);
    assert.throws(() => applyMutation(mutation, "gone gone"), /found it 2 times/);
  });
});
