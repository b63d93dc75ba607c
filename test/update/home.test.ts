import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Host } from "../../firmware/main/host.js";
import { LoopInternet } from "../../hal/host/internet.js";
import { run } from "../../hal/host/runner.js";
import { settled as streamsSettled } from "../../hal/host/turn.js";
import { SimulatedTime } from "../../hal/sim/time.js";
import { createMetricsServer } from "../../tools/server/server.js";
import { makeImage, orderOf } from "./bench.js";

const SERIAL = "HG0000001";
const KEY = "dac86b1a29ab82edc5fbbc41ec9530f6";
const IMAGE = makeImage(300_000);

/** A server for files as any web server is one; counts its requests. */
function imageServer(image: Uint8Array, requests: string[]): Server {
  return createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.range}`);
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range!)!;
    response.writeHead(206, { "content-range": `bytes ${first}-${last}/${image.length}` });
    response.end(image.subarray(Number(first), Number(last) + 1));
  });
}

describe("an update over an emulated modem", () => {
  const data = mkdtempSync(join(tmpdir(), "heliograph-test-"));
  after(() => rmSync(data, { recursive: true }));

  it("comes through AT commands, Node's HTTP client and real files, and is paid for once", async () => {
    const time = new SimulatedTime();
    const internet = new LoopInternet();
    const requests: string[] = [];
    const devices = [{ serialNumber: SERIAL, key: KEY, welcomeDays: 1 }];
    internet.listen("updates.example", 80, imageServer(IMAGE, requests));
    internet.listen(
      "metrics.example",
      80,
      createMetricsServer({ data: join(data, "server"), devices, now: () => host.now }),
    );
    const lines: string[] = [];
    const host: Host = new Host({
      ...{ time, internet, data, seed: 1 },
      start: undefined,
      defaultStart: 1_767_268_800,
      log: (line) => lines.push(line),
      provision: [
        ["serial_number", SERIAL],
        ["secret_key", KEY],
        ["base_url", "http://metrics.example"],
        ["update", orderOf(IMAGE)],
      ],
    });
    let received = 0;
    time.repeat(() => {
      received = Math.max(received, host.device.board.network.bytesReceived);
    }, 1000);
    const settled = () => internet.settled() ?? streamsSettled();
    const ended = () => host.device.update!.description === "done" || time.now > 3_600_000;
    await run({ time, speed: Number.POSITIVE_INFINITY, settled, ended });
    assert.equal(host.device.update!.description, "done", lines.join("\n"));
    host.close();
    assert.deepEqual(new Uint8Array(readFileSync(join(data, "ota_1.bin"))).subarray(0, IMAGE.length), IMAGE);
    assert.equal(requests.length, 5);
    assert.equal(requests[1], "GET /heliograph.bin bytes=65536-131071");
    assert.ok(received < IMAGE.length * 1.02, `${received} bytes received for ${IMAGE.length}`);
    console.log(`      update over an emulated SIM7600: ${received} bytes received for an image of ${IMAGE.length}`);
  });
});
