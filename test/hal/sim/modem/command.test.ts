import { strict as assert } from "node:assert";
import { clockText, parseClock } from "../../../../hal/sim/modem/clock.js";
import { integer, parseLine, quoted } from "../../../../hal/sim/modem/command.js";

const names = (text: string) => parseLine(text)?.map(({ name, form, parameters }) => [name, form, ...parameters]);

describe("AT command line", () => {
  it("is split into basic and extended commands", () => {
    assert.deepEqual(names(""), [["", "run"]]);
    assert.deepEqual(names("E0V1&W"), [
      ["E", "set", "0"],
      ["V", "set", "1"],
      ["&W", "set", "0"],
    ]);
    assert.deepEqual(names("E0+CMEE=2;+CREG?;+CSQ;+COPS=?;I"), [
      ["E", "set", "0"],
      ["+CMEE", "set", "2"],
      ["+CREG", "read"],
      ["+CSQ", "run"],
      ["+COPS", "test"],
      ["I", "set", "0"],
    ]);
  });

  it("keeps commas and semicolons inside quotes", () => {
    assert.deepEqual(names('+cgdcont=1,"IP","a;b,c";+CSQ'), [
      ["+CGDCONT", "set", "1", '"IP"', '"a;b,c"'],
      ["+CSQ", "run"],
    ]);
  });

  it("is refused when it is not well formed", () => {
    assert.equal(parseLine("+CSQ!"), undefined);
    assert.equal(parseLine("?"), undefined);
    assert.equal(parseLine("+CREG?1"), undefined);
  });

  it("gives numbers in range and quoted texts only", () => {
    const [command] = parseLine('+X=5,"5",text,')!;
    assert.equal(integer(command!, 0, 0, 9), 5);
    assert.equal(integer(command!, 0, 6, 9), undefined);
    assert.equal(integer(command!, 1, 0, 9), undefined);
    assert.equal(integer(command!, 3, 0, 9), undefined);
    assert.equal(quoted(command!, 1), "5");
    assert.equal(quoted(command!, 2), undefined);
    assert.equal(quoted(command!, 7), undefined);
  });
});

describe("modem clock text", () => {
  it("is local time with its zone in quarter hours", () => {
    assert.equal(clockText(Date.UTC(2024, 1, 29, 23, 30, 5) / 1000, 8), "24/03/01,01:30:05+08");
    assert.equal(clockText(Date.UTC(2024, 0, 1, 1, 0, 0) / 1000, -20), "23/12/31,20:00:00-20");
    assert.equal(clockText(315964800, 0), "80/01/06,00:00:00+00");
  });

  it("is read back as it was written, on every day of 30 years", () => {
    for (let time = Date.UTC(2001, 0, 1) / 1000; time < Date.UTC(2031, 0, 1) / 1000; time += 86400 + 61) {
      const text = clockText(time, -3);
      assert.deepEqual(parseClock(text), { time, zone: -3 }, text);
      const date = new Date((time - 2700) * 1000).toISOString();
      assert.equal(`20${text.slice(0, 8).replaceAll("/", "-")}`, date.slice(0, 10));
    }
    assert.equal(parseClock("tomorrow"), undefined);
  });
});
