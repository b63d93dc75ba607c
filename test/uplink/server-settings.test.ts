import assert from "node:assert/strict";
import fc from "fast-check";
import { DEFINITIONS } from "../../firmware/setting-definitions.js";
import { parseSetting, Settings } from "../../firmware/settings.js";
import { ServerSettings } from "../../firmware/uplink/server-settings.js";
import { MemoryKeyValue } from "../../hal/sim/key-value.js";

class Bench {
  readonly keyValue = new MemoryKeyValue({ random: () => 0 });
  readonly lines: string[] = [];
  settings!: Settings;
  server!: ServerSettings;

  constructor() {
    this.boot();
    this.settings.setAll([
      ["base_url", "https://old.example"],
      ["data_format_id", "12"],
      ["jwt_key", "old-jwt"],
    ]);
  }

  boot(): void {
    this.settings = new Settings({ keyValue: this.keyValue });
    this.server = new ServerSettings({
      settings: this.settings,
      keyValue: this.keyValue,
      log: (line) => this.lines.push(line),
    });
  }

  get present(): string[] {
    return ["base_url", "data_format_id", "jwt_key"].map((name) => this.settings.text(name));
  }
}

describe("settings from the server", () => {
  it("are taken when they are on the list and fit", () => {
    const { server, settings } = new Bench();
    server.apply([
      { name: "report_interval", value: 7200 },
      { name: "encoding", value: "cbor" },
    ]);
    assert.equal(settings.integer("report_interval"), 7200);
    assert.equal(settings.text("encoding"), "cbor");
  });

  it("are refused and counted when they are not on the list, unknown, or do not fit", () => {
    const { server, settings } = new Bench();
    server.apply([
      { name: "secret_key", value: "00000000000000000000000000000000" },
      { name: "maximum_credit", value: 2147483647 },
      { name: "no_such_setting", value: 1 },
      { name: "report_interval", value: 5 },
      { name: "base_url", value: "ftp://evil.example" },
      { name: "jwt_key", value: undefined },
    ]);
    assert.equal(server.refused, 6);
    assert.equal(settings.text("secret_key"), "");
    assert.equal(settings.integer("report_interval"), 3600);
    assert.equal(settings.text("base_url"), "https://old.example");
  });

  it("take a base URL without a scheme for HTTPS, as the spec writes it", () => {
    const { server, settings } = new Bench();
    server.apply([{ name: "base_url", value: "newcloud.example/metrics" }]);
    assert.equal(settings.text("base_url"), "https://newcloud.example/metrics");
  });

  it("of any kind never throw, and leave only values that fit", () => {
    const names = [...DEFINITIONS.map(({ name }) => name), "x", "__proto__", ""];
    const setting = fc.record({
      name: fc.oneof(fc.constantFrom(...names), fc.string()),
      value: fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(undefined)),
    });
    fc.assert(
      fc.property(fc.array(setting, { maxLength: 8 }), (settings) => {
        const bench = new Bench();
        bench.server.apply(settings);
        for (const { name, byServer, default: value } of DEFINITIONS) {
          const text = bench.settings.text(name);
          if (!byServer) assert.equal(text, String(value), name);
          else if (text !== "") assert.doesNotThrow(() => parseSetting(name, text), name);
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it("do not carry the old server's format id and JWT to a new server", () => {
    const bench = new Bench();
    bench.server.apply([{ name: "base_url", value: "https://new.example" }]);
    assert.deepEqual(bench.present, ["https://new.example", "0", ""]);
  });
});

describe("a server on probation", () => {
  it("is left for the one before when it fails as often as configured, also over restarts", () => {
    const bench = new Bench();
    bench.settings.set("probation_tries", "3");
    bench.server.apply([
      { name: "base_url", value: "https://new.example" },
      { name: "data_format_id", value: 7 },
    ]);
    bench.server.failed();
    bench.server.failed();
    bench.boot();
    assert.deepEqual(bench.present, ["https://new.example", "7", ""]);
    bench.server.failed();
    assert.deepEqual(bench.present, ["https://old.example", "12", "old-jwt"]);
    assert.equal(bench.server.returns, 1);
    assert.match(bench.lines.at(-1)!, /new\.example does not answer/);
  });

  it("stays once it has answered", () => {
    const bench = new Bench();
    bench.server.apply([{ name: "base_url", value: "https://new.example" }]);
    bench.server.failed();
    bench.server.succeeded();
    for (let i = 0; i < 20; i++) bench.server.failed();
    assert.equal(bench.settings.text("base_url"), "https://new.example");
  });

  it("falls back to the last server that answered when it names another one that does not", () => {
    const bench = new Bench();
    bench.settings.set("probation_tries", "2");
    bench.server.apply([{ name: "base_url", value: "https://new.example" }]);
    bench.server.apply([{ name: "base_url", value: "https://newer.example" }]);
    bench.server.failed();
    bench.server.failed();
    assert.equal(bench.settings.text("base_url"), "https://old.example");
  });

  it("is not made of the present server named once more", () => {
    const bench = new Bench();
    bench.server.apply([{ name: "base_url", value: "https://old.example" }]);
    for (let i = 0; i < 20; i++) bench.server.failed();
    assert.deepEqual(bench.present, ["https://old.example", "12", "old-jwt"]);
  });
});
