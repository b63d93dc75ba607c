import { strict as assert } from "node:assert";
import { Bench } from "./bench.js";
import { dialogues } from "./dialogues.js";

const OK = "\r\nOK\r\n";
/** T3412: one hour; T3324: ten times two seconds. */
const SAVE = 'AT+CPSMS=1,,,"00100001","00001010"';

function press(bench: Bench): void {
  bench.modem.power.key.write(1);
  bench.time.run(1200);
  bench.modem.power.key.write(0);
}

describe("emulated power saving mode", () => {
  for (const name of ["A7670", "SIM7070", "SIM7080", "BG95", "BG96", "SARA-R5"]) {
    it(`lets ${name} sleep when nobody has anything to say, until the key is pressed`, () => {
      const bench = new Bench({}, name).attached();
      assert.equal(bench.command(SAVE), OK);
      assert.equal(bench.command("AT+CPSMS?"), `\r\n+CPSMS: 1,,,"00100001","00001010"\r\n${OK}`);
      for (let i = 0; i < 10; i++) assert.equal(bench.command("AT", 10_000), OK);
      bench.time.run(45_000);
      assert.deepEqual([bench.modem.saving, bench.modem.running], [true, false]);
      assert.equal(bench.command("AT"), "");
      press(bench);
      assert.deepEqual([bench.modem.saving, bench.modem.running], [false, true]);
    });
  }

  for (const [name, restart] of [
    ["SIM7000", "AT+CFUN=1,1"],
    ["SARA-R4", "AT+CFUN=16"],
  ] as const) {
    it(`lets ${name} sleep only after a restart, and then although it was told otherwise`, () => {
      const bench = new Bench({}, name).attached();
      bench.command(SAVE);
      bench.time.run(60_000);
      assert.equal(bench.modem.saving, false);
      bench.command(restart, 20_000);
      bench.command("AT+CPSMS=0");
      bench.time.run(60_000);
      assert.equal(bench.modem.saving, true);
      press(bench);
      bench.time.run(120_000);
      assert.equal(bench.modem.saving, false);
    });
  }

  it("wakes by itself after its period, and finds the network sooner than after power up", () => {
    const bench = new Bench({ knobs: { searchTime: 60_000 } }, "SIM7080").attached();
    bench.time.run(60_000);
    bench.command(SAVE);
    bench.time.run(60_000);
    assert.equal(bench.modem.saving, true);
    let slept = 0;
    for (; bench.modem.saving; slept += 1000) bench.time.run(1000);
    assert.ok(slept > 3_540_000 && slept < 3_600_000, `${slept}`);
    bench.time.run(12_000);
    assert.match(bench.command("AT+CEREG?"), /\+CEREG: 0,1/);
    assert.equal(bench.modem.harshPowerCuts, 0);
  });

  it("tells when it enters and leaves, where CPSMSTATUS asks for it", () => {
    const bench = new Bench({}, "SIM7080").attached();
    bench.command("AT+IPR=115200;&W");
    bench.command("AT&W");
    bench.command("AT+CPSMSTATUS=1");
    bench.command(SAVE);
    assert.equal(bench.said(60_000), '\r\n+CPSMSTATUS: "ENTER PSM"\r\n');
    press(bench);
    assert.match(bench.said(30_000), /RDY[\s\S]*\+CPSMSTATUS: "EXIT PSM"/);
  });

  it("stays awake without LTE, without coverage, and when it is switched off", () => {
    for (const knobs of [{ technology: "GSM" }, { coverage: false }] as const) {
      const bench = new Bench({ knobs }, "BG95").attached();
      bench.command(SAVE);
      bench.time.run(600_000);
      assert.equal(bench.modem.saving, false);
    }
    const bench = new Bench({}, "BG95").attached();
    bench.command(SAVE);
    bench.command("AT+CPSMS=0");
    bench.time.run(600_000);
    assert.equal(bench.modem.saving, false);
    assert.equal(bench.command('AT+CPSMS=1,,,"1","2"'), "\r\n+CME ERROR: 50\r\n");
  });

  it("does not sleep while data flows, and loses its connections when it does", () => {
    const bench = new Bench({}, "BG95").attached();
    dialogues.BG95!.prepare(bench);
    dialogues.BG95!.connect(bench, "server.test", 80);
    bench.command(SAVE);
    for (let i = 0; i < 10; i++) {
      bench.internet.opened[0]!.onData(new Uint8Array(100));
      bench.time.run(10_000);
      assert.equal(bench.modem.saving, false);
    }
    bench.time.run(60_000);
    assert.equal(bench.modem.saving, true);
    assert.deepEqual(bench.internet.closed, [true]);
  });

  it("ends when the supply is cut", () => {
    const bench = new Bench({ keyTied: false }, "BG95");
    press(bench);
    bench.attached();
    bench.command(SAVE);
    bench.time.run(60_000);
    bench.modem.power.supply.write(0);
    bench.modem.power.supply.write(1);
    bench.time.run(4_000_000);
    assert.deepEqual([bench.modem.saving, bench.modem.running, bench.modem.harshPowerCuts], [false, false, 0]);
  });

  it("keeps what CEDRXS asked for", () => {
    const bench = new Bench({}, "BG95").attached();
    assert.equal(bench.command('AT+CEDRXS=1,4,"0101"'), OK);
    assert.equal(bench.command("AT+CEDRXS?"), `\r\n+CEDRXS: 4,"0101"\r\n${OK}`);
  });
});
