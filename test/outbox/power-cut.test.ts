import assert from "node:assert/strict";
import { Outbox } from "../../firmware/outbox/outbox.js";
import type { Row } from "../../firmware/telemetry/row.js";
import type { Flash, FlashStatus } from "../../hal/flash.js";
import { NorFlash, type NorFlashOptions } from "../../hal/sim/nor-flash.js";
import { seededRandom } from "../../hal/sim/random.js";
import { commitRows, mixedRow, readAll, solarRow } from "./rows.js";

/** Push a row, read and commit some, or start the firmware anew. */
type Step = { push: Row } | { commit: number } | "restart";

interface Scenario {
  name: string;
  /** `random` is seeded when not given. */
  flash: Omit<NorFlashOptions, "random"> & { random?: () => number };
  steps: Step[];
}

const BLOCK = 1024;
/** Of the states after a first cut, one in so many is cut a second time. */
const SECOND_CUTS = 3;

/** `count` pushes; `waiting` bounds how many rows pile up before some are committed. */
function sequence(row: (i: number) => Row, count: number, waiting: number, seed: number): Step[] {
  const random = seededRandom(seed);
  const steps: Step[] = [];
  let length = 0;
  for (let i = 0; i < count; i++) {
    steps.push({ push: row(i) });
    length++;
    if (length >= waiting && random() % 4 === 0) {
      const committed = 1 + (random() % length);
      steps.push({ commit: committed });
      length -= committed;
    }
    if (random() % 25 === 0) steps.push("restart");
  }
  return steps;
}

/** Nearly the longest row there is. */
function longRow(i: number): Row {
  return { format: 3, boot: 0, time: i, values: [String.fromCharCode(97 + (i % 26)).repeat(370)] };
}

const FOREVER = Number.POSITIVE_INFINITY;
const scenarios: Scenario[] = [
  { name: "solar rows, commits", flash: { size: 2 * BLOCK }, steps: sequence(solarRow, 400, 4, 1) },
  { name: "solar rows, eviction", flash: { size: 2 * BLOCK }, steps: sequence(solarRow, 330, FOREVER, 2) },
  { name: "mixed rows, commits", flash: { size: 3 * BLOCK }, steps: sequence(mixedRow, 75, 6, 3) },
  { name: "mixed rows, eviction", flash: { size: 2 * BLOCK }, steps: sequence(mixedRow, 60, FOREVER, 4) },
  { name: "mixed rows, at once", flash: { size: 2 * BLOCK, atOnce: true }, steps: sequence(mixedRow, 50, 4, 5) },
  {
    name: "bits that all arrive, and all weak",
    flash: { size: 2 * BLOCK, random: () => 0xffffffff },
    steps: sequence(mixedRow, 60, 4, 10),
  },
  { name: "aligned to 4", flash: { size: 2 * BLOCK, writeAlign: 4 }, steps: sequence(mixedRow, 45, 9, 6) },
  { name: "aligned to 16", flash: { size: 2 * BLOCK, writeAlign: 16 }, steps: sequence(mixedRow, 36, 9, 7) },
  {
    name: "aligned to 16, at once",
    flash: { size: 2 * BLOCK, writeAlign: 16, atOnce: true },
    steps: sequence(solarRow, 80, 20, 8),
  },
  {
    name: "blocks of 4096 bytes",
    flash: { size: 2 * 4096, blockLength: 4096 },
    steps: sequence(longRow, 9, 3, 9),
  },
].map((scenario) => ({ ...scenario, flash: { blockLength: BLOCK, ...scenario.flash } }));

/** Flash that notes each operation, so that a step can be played again onto a copy and cut anywhere. */
class Tape implements Flash {
  operations: ((flash: Flash) => void)[] = [];
  readonly #flash: Flash;

  constructor(flash: Flash) {
    this.#flash = flash;
  }

  read(buffer: Uint8Array, byteOffset: number): number {
    return this.#flash.read(buffer, byteOffset);
  }

  write(buffer: Uint8Array, byteOffset: number): void {
    const copy = buffer.slice();
    this.operations.push((flash) => flash.write(copy, byteOffset));
    this.#flash.write(buffer, byteOffset);
  }

  eraseBlock(start: number): void {
    this.operations.push((flash) => flash.eraseBlock(start));
    this.#flash.eraseBlock(start);
  }

  status(): FlashStatus {
    return this.#flash.status();
  }
}

/** The plain array that the outbox is compared with. */
interface Model {
  rows: Row[];
  evicted: number;
  /** Bytes in use; rows may be evicted only when the ring is full. */
  used: number;
}

function perform(outbox: Outbox, step: Step): void {
  if (step === "restart") return;
  if ("push" in step) outbox.push(step.push);
  else commitRows(outbox, step.commit);
}

function steps(flash: NorFlash): number {
  return flash.bytesProgrammed + 8 * flash.erases.reduce((sum, n) => sum + n, 0);
}

function copyOf(flash: NorFlash, options: NorFlashOptions): NorFlash {
  const copy = new NorFlash(options);
  copy.bytes.set(flash.bytes);
  return copy;
}

/** What may wait after `step` was cut, given how many rows were evicted in it. */
function allowed({ rows }: Model, step: Step, evicted: number): Row[][] {
  if (step === "restart") return [rows];
  if ("push" in step) return [rows.slice(evicted), [...rows, step.push].slice(evicted)];
  // The record of a commit may need a new block, and so the place of rows that were not committed.
  return [rows.slice(evicted), rows.slice(step.commit + evicted)];
}

/** Restarts after a cut and compares; gives the outbox and the model to go on with. */
function restart(flash: NorFlash, model: Model, step: Step): { outbox: Outbox; model: Model } {
  flash.restart();
  const outbox = new Outbox({ flash });
  const rows = readAll(outbox);
  const evicted = outbox.evicted - model.evicted;
  const { blockLength, size } = flash.status();
  assert.ok(evicted === 0 || (evicted > 0 && model.used > size - 2 * blockLength), `${evicted} rows evicted`);
  const text = JSON.stringify(rows);
  assert.ok(
    allowed(model, step, evicted).some((expected) => JSON.stringify(expected) === text),
    `${rows.length} rows after the cut, ${model.rows.length} before, in step ${JSON.stringify(step)}`,
  );
  assert.equal(outbox.length, rows.length);
  assert.equal(outbox.corrupt, 0);
  return { outbox, model: { rows, evicted: outbox.evicted, used: outbox.used } };
}

/** What was found, and a row pushed then, stay when the bits that the cut left weak are lost after the recovery. */
function checkLeak(flash: NorFlash, outbox: Outbox, { rows, evicted }: Model): void {
  assert.ok(outbox.push(solarRow(0)));
  const expected = JSON.stringify([...rows, solarRow(0)].slice(outbox.evicted - evicted));
  flash.leak();
  assert.ok(JSON.stringify(readAll(outbox)) === expected, "rows changed with the weak bits");
  assert.ok(
    JSON.stringify(readAll(new Outbox({ flash }))) === expected,
    "rows changed with the weak bits, after a restart",
  );
}

/** Goes on with the steps after the first cut and cuts once more, in the recovery or in one of the next writes. */
function cutAgain(flash: NorFlash, model: Model, rest: Step[], random: () => number): void {
  flash.cutAfter(random() % 120);
  let outbox = new Outbox({ flash });
  let step: Step = "restart";
  for (let i = 0; flash.powered && i < rest.length; i++) {
    model.used = outbox.used;
    step = rest[i]!;
    if (step !== "restart" && "commit" in step) step = { commit: Math.min(step.commit, model.rows.length) };
    perform(outbox, step);
    if (!flash.powered) break;
    const evicted = outbox.evicted - model.evicted;
    model.rows = allowed(model, step, evicted).at(-1)!;
    model.evicted = outbox.evicted;
    if (step === "restart") outbox = new Outbox({ flash });
  }
  const after = restart(flash, model, step);
  assert.ok(after.outbox.push(solarRow(1)));
  assert.deepEqual(readAll(after.outbox).at(-1), solarRow(1));
}

describe("outbox when the power is cut", () => {
  let cuts = 0;
  let secondCuts = 0;

  for (const { name, flash: geometry, steps: list } of scenarios) {
    it(`loses no row at any byte: ${name}`, () => {
      const random = seededRandom(99);
      const options = { random, ...geometry };
      const flash = new NorFlash(options);
      const tape = new Tape(flash);
      let outbox = new Outbox({ flash: tape });
      let model: Model = { rows: [], evicted: 0, used: 0 };
      list.forEach((step, i) => {
        const before = copyOf(flash, options);
        const start = steps(flash);
        tape.operations = [];
        if (step === "restart") outbox = new Outbox({ flash: tape });
        else perform(outbox, step);
        for (let cut = 0; cut < steps(flash) - start; cut++) {
          const copy = copyOf(before, options);
          copy.cutAfter(cut);
          assert.throws(() => {
            for (const operation of tape.operations) operation(copy);
          }, /power cut/);
          cuts++;
          const again = random() % SECOND_CUTS === 0 && copyOf(copy, options);
          const found = restart(copy, model, step);
          checkLeak(copy, found.outbox, found.model);
          if (again) {
            secondCuts++;
            cutAgain(again, structuredClone(found.model), list.slice(i + 1), random);
          }
        }
        const evicted = outbox.evicted - model.evicted;
        model = { rows: allowed(model, step, evicted).at(-1)!, evicted: outbox.evicted, used: outbox.used };
        if (i % 10 === 0) assert.deepEqual(readAll(outbox), model.rows);
      });
      assert.deepEqual(readAll(outbox), model.rows);
    });
  }

  after(() => console.log(`      outbox: ${cuts} cut points, ${secondCuts} of them cut a second time`));
});
