import assert from "node:assert/strict";
import { fields } from "../../../../hal/modem/ascii.js";
import { dialectNamed, dialectOf } from "../../../../hal/modem/dialect.js";

/** Names as AT+CGMM and ATI give them, by dialect. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  SIM7600: ["SIMCOM_SIM7600E-H", "SIMCOM_SIM7600G", "SIM7500E", "SIMCOM_SIM7600SA-H"],
  A76xx: ["A7670E-FASE", "A7608SA-H", "A7672X", "SIM7670G-MNGV", "SIM7672E", "Model: A7670SA-FASE"],
  SIM800: ["SIMCOM_SIM800L", "SIMCOM_SIM800C", "SIMCOM_SIM808", "SIMCOM_SIM868"],
  SIM7000: ["SIMCOM_SIM7000G", "SIMCOM_SIM7000E"],
  SIM7070: ["SIMCOM_SIM7070G", "SIMCOM_SIM7080G", "SIMCOM_SIM7090G", "SIMCOM_SIM7080"],
  BG9x: ["BG95-M3", "BG96", "BG77"],
  EC2x: ["EC21", "EC25", "EC20F", "EG91", "EG95", "EG25"],
  "SARA-R404M": ["SARA-R404M-00B", "SARA-R410M-01B"],
  "SARA-R4": ["SARA-R410M-02B", "SARA-R412M-02B", "SARA-R422S"],
  "SARA-R5": ["SARA-R510S-01B", "SARA-R510M8S"],
  "SARA-U2": ["SARA-U201", "SARA-U270-03S"],
};

describe("modem dialects: which one a modem speaks", () => {
  it("is known from its name", () => {
    for (const [dialect, models] of Object.entries(NAMES))
      for (const model of models) assert.equal(dialectOf(fields(model)[0]!)?.name, dialect, model);
  });

  it("is known to be unknown for others", () => {
    for (const model of ["", "SIM5360E", "MC60", "SARA-N211", "GM02SP", "ESP8266"])
      assert.equal(dialectOf(model), undefined, model);
  });

  it("can be told instead, by each of the names", () => {
    for (const name of Object.keys(NAMES)) assert.equal(dialectNamed(name).name, name);
    assert.throws(() => dialectNamed("HAYES"), /"HAYES": one of SIM7600, A76xx, .*SARA-U2 expected/);
  });
});
