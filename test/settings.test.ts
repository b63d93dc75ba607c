import assert from "node:assert/strict";
import { DEFINITIONS } from "../firmware/setting-definitions.js";
import { parseSetting, SettingError, Settings } from "../firmware/settings.js";
import { StateCell } from "../firmware/state.js";
import { MemoryKeyValue } from "../hal/sim/key-value.js";
import { setUp } from "./hal/modem/fixture.js";

describe("settings", () => {
  it("have defaults that they would take, or none", () => {
    for (const { name, default: value } of DEFINITIONS) {
      if (value !== "") assert.equal(parseSetting(name, String(value)), value, name);
    }
  });

  it("survive a restart, several in one write", () => {
    const keyValue = new MemoryKeyValue({ random: () => 0 });
    new Settings({ keyValue }).setAll([
      ["serial_number", "HG1"],
      ["report_interval", "600"],
      ["apn", "a = b"],
    ]);
    assert.equal(keyValue.writes, 1);
    const settings = new Settings({ keyValue });
    assert.equal(settings.text("serial_number"), "HG1");
    assert.equal(settings.integer("report_interval"), 600);
    assert.equal(settings.text("apn"), "a = b");
  });

  it("change nothing when one of several does not fit", () => {
    const settings = new Settings({ keyValue: new MemoryKeyValue({ random: () => 0 }) });
    assert.throws(
      () =>
        settings.setAll([
          ["apn", "new"],
          ["report_interval", "1"],
        ]),
      SettingError,
    );
    assert.equal(settings.text("apn"), "internet");
  });

  it("say what was expected and what came, but never a secret", () => {
    assert.throws(() => parseSetting("report_interval", "soon"), /whole number from 60 to 2678400 s, not "soon"/);
    assert.throws(() => parseSetting("auth", "xx"), /one of ra, sa, ta, ca, da, not "xx"/);
    assert.throws(() => parseSetting("secret_key", "12345"), /32 hex digits, not "\*\*\*\*"/);
    assert.throws(() => parseSetting("no_such", "1"), /there is no setting "no_such"/);
    assert.throws(() => parseSetting("base_url", "example.org"), /base_url/);
    assert.throws(() => parseSetting("apn", "caf\u00e9"), /printable ASCII/);
  });

  it("take nothing that a modem throws out, as the device would then restart at each report", () => {
    for (const [name, text, expected] of [
      ["sim_pin", "123", /4 to 8 digits, or nothing, not "\*\*\*\*"/],
      ["sim_pin", "12a4", /digits/],
      ["apn", "", /1 to 63 printable/],
      ["apn", 'inter"net', /no quotation mark, not "inter"net"/],
      ["apn_user", '"', /no quotation mark/],
      ["apn_password", 'a"', /no quotation mark, not "\*\*\*\*"/],
    ] as const)
      assert.throws(() => parseSetting(name, text), expected, name);
    for (const pin of ["", "0000", "12345678"]) assert.equal(parseSetting("sim_pin", pin), pin);
    const every = " !#$%&'()*+,-./0:;=?@A[]^_`a{|}~";
    const { modem } = setUp();
    modem.connect({
      apn: String(parseSetting("apn", every)),
      user: String(parseSetting("apn_user", every)),
      password: String(parseSetting("apn_password", every)),
      pin: String(parseSetting("sim_pin", "0123")),
    });
  });

  it("tell which one changed, and nothing when it stays the same", () => {
    const settings = new Settings({ keyValue: new MemoryKeyValue({ random: () => 0 }) });
    const changed: string[] = [];
    settings.onChanged = (name) => changed.push(name);
    settings.set("apn", "internet");
    settings.set("apn", "other");
    assert.deepEqual(changed, ["apn"]);
  });

  it("leave out what a newer firmware no longer takes", () => {
    const keyValue = new MemoryKeyValue({ random: () => 0 });
    const saved = "gone=1\nreport_interval=1\napn=x\n";
    new StateCell({ keyValue, key: "settings", version: 1 }).write(Uint8Array.from(Buffer.from(saved)));
    const settings = new Settings({ keyValue });
    assert.equal(settings.text("apn"), "x");
    assert.equal(settings.integer("report_interval"), 3600);
  });
});
