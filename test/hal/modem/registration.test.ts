import assert from "node:assert/strict";
import { Registration } from "../../../hal/modem/registration.js";

function reported(line: string, reading: boolean): Registration {
  const registration = new Registration();
  registration.update(line, reading);
  return registration;
}

describe("modem registration", () => {
  it("reads the answer to a question, with and without place", () => {
    for (const line of [
      "+CEREG: 0,1",
      "+CEREG: 2,1",
      '+CEREG: 2,1,"00C3","01A2B3C4",7',
      "+CEREG: 2,1,00C3,01A2B3C4,7,,,",
    ])
      assert.ok(reported(line, true).registered, line);
    assert.ok(!reported("+CEREG: 1,2", true).registered);
    assert.ok(!reported("+CEREG: 5,0", true).registered, "5 is no status here");
  });

  it("reads a URC, with and without place, extra arguments too", () => {
    for (const line of [
      "+CEREG: 1",
      '+CEREG: 1,"00C3","01A2B3C4",7',
      '+CGREG: 5,"00C3","01A2B3C4",7,"07",1',
      "+CEREG: 1,00C3,01A2B3C4,7",
    ])
      assert.ok(reported(line, false).registered, line);
    assert.ok(!reported("+CEREG: 2,1", false).registered);
  });

  it("tells a URC from an answer while an answer is expected", () => {
    assert.ok(reported('+CEREG: 1,"0002","01A2B3C4",7', true).registered);
    assert.ok(reported("+CEREG: 1", true).registered);
    assert.ok(!reported('+CEREG: 2,"0001","01A2B3C4"', true).registered);
  });

  it("needs packet service, in 2G, 3G or LTE: a voice network is none", () => {
    assert.ok(!reported("+CREG: 2,1", true).registered);
    assert.ok(reported("+CGREG: 2,1", true).registered);
    assert.ok(reported("+CEREG: 2,5", true).registered);
  });

  it("knows home from roaming, and denied", () => {
    assert.ok(reported("+CGREG: 2,5", true).roaming);
    assert.ok(!reported("+CGREG: 2,1", true).roaming);
    assert.ok(reported("+CREG: 2,3", true).denied);
    const registration = reported("+CREG: 2,3", true);
    registration.update("+CEREG: 1", false);
    assert.ok(!registration.denied, "data is what counts");
    registration.reset();
    assert.ok(!registration.registered);
  });

  it("knows the cell from either form, and none without one", () => {
    const cell = { area: 0xc3, id: 0x1a2b3c4, technology: "LTE" };
    assert.deepEqual(reported('+CEREG: 2,1,"00C3","01A2B3C4",7', true).cell, cell);
    assert.deepEqual(reported('+CEREG: 1,"00C3","01A2B3C4",7', false).cell, cell);
    assert.equal(reported('+CGREG: 1,"00C3","01A2B3C4"', false).cell?.technology, undefined);
    assert.equal(reported('+CEREG: 5,"00C3","01A2B3C4",9', false).cell?.technology, "NB-IoT");
    for (const line of ["+CEREG: 1", "+CEREG: 2,1", '+CEREG: 1,"","",7', '+CEREG: 2,"00C3","01A2B3C4",7'])
      assert.equal(reported(line, false).cell, undefined, line);
  });

  it("lets roaming count only where that is allowed", () => {
    assert.ok(reported("+CEREG: 5", false).usable(true));
    assert.ok(!reported("+CEREG: 5", false).usable(false));
    assert.ok(reported("+CEREG: 1", false).usable(false));
  });

  it("takes everything else for not registered, and ignores other lines", () => {
    for (const stat of ["0", "2", "4", "6", "7", "8", "x", ""])
      assert.ok(!reported(`+CEREG: ${stat}`, false).registered);
    const registration = reported("+CEREG: 1", false);
    registration.update("+CSQ: 0,0", false);
    assert.ok(registration.registered);
  });
});
