import { strict as assert } from "node:assert";
import { Bench } from "./bench.js";

const BOOT = "\r\nRDY\r\n\r\n+CPIN: READY\r\n\r\nSMS DONE\r\n\r\nPB DONE\r\n";

function press(bench: Bench, milliseconds: number): void {
  bench.modem.power.key.write(1);
  bench.time.run(milliseconds);
  bench.modem.power.key.write(0);
}

describe("emulated modem's power", () => {
  it("starts with a key pulse, is mute for up to 15 s, and then says RDY, CPIN, SMS DONE, PB DONE", () => {
    const bench = new Bench({ keyTied: false });
    assert.equal(bench.command("AT", 20_000), "");
    press(bench, 500);
    assert.equal(bench.command("AT", 8000), "");
    const boot = bench.said(7000);
    assert.match(boot, /^\r\nRDY\r\n/);
    assert.equal(boot + bench.said(10_000), BOOT);
  });

  it("ignores a pulse that is too short", () => {
    const bench = new Bench({ keyTied: false });
    press(bench, 400);
    assert.equal(bench.said(60_000), "");
    assert.equal(bench.modem.running, false);
  });

  it("toggles: a long press switches a running modem off, a short one does nothing", () => {
    const bench = new Bench().attached();
    press(bench, 1000);
    assert.match(bench.command("AT"), /OK/);
    press(bench, 2500);
    assert.equal(bench.command("AT", 5000), "");
    assert.equal(bench.modem.running, false);
  });

  it("falls silent at once after CPOF and is off three seconds later", () => {
    const bench = new Bench().attached();
    assert.equal(bench.command("AT+CPOF", 100), "\r\nOK\r\n");
    assert.equal(bench.command("AT", 100), "");
    assert.equal(bench.modem.running, true);
    bench.time.run(3000);
    assert.equal(bench.modem.running, false);
  });

  for (const command of ["AT+CRESET", "AT+CFUN=1,1", "AT+CFUN=6"]) {
    it(`boots again after ${command}, with echo on and settings forgotten`, () => {
      const bench = new Bench().attached();
      bench.command("AT+CMEE=2");
      assert.equal(bench.command(command), "\r\nOK\r\n");
      assert.equal(bench.said(30_000), BOOT);
      assert.equal(bench.command("AT+CMEE?"), "AT+CMEE?\r\r\n+CMEE: 0\r\n\r\nOK\r\n");
    });
  }

  it("keeps what AT&W saved", () => {
    const bench = new Bench().attached();
    bench.command("AT+CMEE=2;&W");
    bench.modem.crash();
    assert.equal(bench.said(30_000), BOOT);
    assert.equal(bench.command("AT+CMEE?"), "\r\n+CMEE: 2\r\n\r\nOK\r\n");
  });

  it("is reset by a pulse of 100 ms on the reset pin, and stays down as long as the pin is held", () => {
    const bench = new Bench().attached();
    bench.modem.power.reset.write(1);
    bench.time.run(60_000);
    assert.equal(bench.said(), "");
    bench.modem.power.reset.write(0);
    assert.equal(bench.said(30_000), BOOT);
    bench.modem.power.reset.write(1);
    bench.time.run(50);
    bench.modem.power.reset.write(0);
    assert.equal(bench.said(30_000), "");
  });

  it("counts supply cuts while it runs, and loses its clock", () => {
    const bench = new Bench().attached();
    assert.match(bench.command("AT+CCLK?"), /23\/11\/14/);
    bench.modem.knobs.nitz = false;
    bench.modem.power.supply.write(0);
    bench.time.run(2000);
    bench.modem.power.supply.write(1);
    assert.equal(bench.modem.harshPowerCuts, 1);
    assert.equal(bench.said(30_000), BOOT);
    assert.match(bench.command("AT+CCLK?"), /"80\/01\/06,/);
  });

  it("does not start from the key without supply", () => {
    const bench = new Bench({ keyTied: false });
    bench.modem.power.supply.write(0);
    press(bench, 500);
    assert.equal(bench.said(30_000), "");
  });

  const cures = ["reset", "key", "supply"] as const;
  for (const [index, needed] of cures.entries()) {
    it(`hangs until ${needed}, whatever milder is tried`, () => {
      const bench = new Bench().attached();
      bench.modem.knobs.hang = needed;
      for (const [i, cure] of cures.entries()) {
        assert.equal(bench.command("AT"), "");
        if (cure === "key") press(bench, 2500);
        else bench.modem.power[cure].write(cure === "reset" ? 1 : 0);
        bench.time.run(2000);
        if (cure === "reset") bench.modem.power.reset.write(0);
        if (cure === "supply") bench.modem.power.supply.write(1);
        const hang: string = bench.modem.knobs.hang;
        assert.equal(hang, i >= index ? "no" : needed, cure);
        if (i >= index) break;
      }
      if (needed === "key") press(bench, 500);
      assert.equal(bench.said(30_000), BOOT);
    });
  }

  it("cuts its output short when it crashes in the middle of a line", () => {
    const bench = new Bench().attached();
    bench.send("ATI\r");
    const before = bench.said(15);
    bench.modem.crash();
    const after = bench.said(5000);
    assert.equal(after, "");
    assert.ok(!before.includes("OK"));
  });

  it("changes its rate after the OK, and goes back at a reset unless it was saved", () => {
    const bench = new Bench().attached();
    assert.equal(bench.command("AT+IPR=9600"), "\r\nOK\r\n");
    bench.open(9600);
    assert.match(bench.command("AT+IPR?"), /\+IPR: 9600/);
    bench.modem.crash();
    bench.said(30_000);
    assert.doesNotMatch(bench.command("AT"), /OK/);
    bench.open(115200);
    bench.command("");
    assert.match(bench.command("AT"), /OK/);
    assert.match(bench.command("AT+IPR=12345"), /ERROR/);
  });

  it("follows any rate and says nothing at boot when autobaud was saved", () => {
    const bench = new Bench().attached();
    bench.command("AT+IPR=0");
    bench.command("AT&W");
    bench.modem.crash();
    assert.equal(bench.said(30_000), "");
    bench.open(19200);
    assert.match(bench.command("AT"), /OK/);
  });
});
