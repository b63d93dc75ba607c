import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KEY, SERIAL, signed, withFolder } from "../tools/server/client.js";
import { type ReferenceServer, requirePython, startReferenceServer } from "./python.js";

const FORMAT = {
  data_order: ["token_count"],
  historical_data_order: ["v", "timestamp"],
  historical_data_interval: 120,
};

interface Entry {
  readonly auth_valid: boolean;
  readonly request_count: number | null;
  readonly rows: readonly object[];
  readonly error: string | null;
}

describe("reference server", () => {
  it("judges, decodes and answers by the reference library, and logs what it saw", async function () {
    const python = requirePython(this);
    await withFolder(async (folder) => {
      const format = join(folder, "format.json");
      const log = join(folder, "log.jsonl");
      writeFileSync(format, JSON.stringify(FORMAT));
      const server = await startReferenceServer({ python, serial: SERIAL, key: KEY, log, format, tokenValue: 7 });
      try {
        const request = `"sn":"${SERIAL}","rc":1,"df":1,"d":[1],"hd":[[12.0,1000],[12.5]]`;
        const first = await post(server, "/dd", signed(request));
        assert.deepEqual([first.status, first.answer.tkl], [201, ["082162833"]]);
        assert.match(String(first.answer.a), /^da[0-9a-f]+$/);
        assert.equal((await post(server, "/dd", signed(request))).status, 403);
        const later = await post(server, "/device_data", signed(`"sn":"${SERIAL}","rc":2,"df":1,"d":[2]`, "ca"));
        assert.deepEqual([later.status, later.answer.tkl], [201, undefined]);
        assert.equal((await post(server, "/dd", "{")).status, 400);
        assert.deepEqual((await post(server, "/data_format", JSON.stringify({ ...FORMAT, data_order: [] }))).answer, {
          id: 2,
        });
        assert.deepEqual((await post(server, "/data_format", JSON.stringify(FORMAT))).answer, { id: 1 });
      } finally {
        server.close();
      }
      const entries: Entry[] = readFileSync(log, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      assert.deepEqual(
        entries.map(({ auth_valid, request_count }) => [auth_valid, request_count]),
        [
          [true, 1],
          [false, 1],
          [true, 2],
          [false, null],
        ],
      );
      assert.deepEqual(entries[0]!.rows, [
        { v: 12, timestamp: 1000 },
        { v: 12.5, timestamp: 1120 },
      ]);
      assert.deepEqual([entries[0]!.error, entries[1]!.error], [null, "is_auth_valid is false"]);
      assert.match(entries[3]!.error ?? "", /^JSONDecodeError: /);
    });
  });
});

async function post(server: ReferenceServer, path: string, body: string) {
  const options = { method: "POST", body, headers: { "content-type": "application/json" } };
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, options);
  const answer: Record<string, unknown> = JSON.parse(await response.text());
  return { status: response.status, answer };
}
