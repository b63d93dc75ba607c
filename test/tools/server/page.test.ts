import assert from "node:assert/strict";
import { createMetricsServer } from "../../../tools/server/server.js";
import { call, KEY, NOW, post, SERIAL, send } from "./client.js";

const FORMAT =
  '"dfo":{"variables":{"panel_current":{"unit":"<b>A"}},"historical_data_interval":120,"historical_data_order":["battery_voltage","panel_current","timestamp"]}';

describe("the page", () => {
  it("shows what a device is and draws its last day, breaking the line where rows are missing", async () => {
    const html = await pageAfter(`"hd":[[12.5,0.5,${NOW - 3600}],[12.6,0.6],[12.7,0.7],[12.8,0.8,${NOW}],[12.9,1]]`);
    assert.match(html, /<dt>Battery<\/dt><dd>12\.9 V<\/dd>/);
    assert.match(html, /<dt>Token count<\/dt><dd>3<\/dd>/);
    const [battery] = [...html.matchAll(/class="line s1" d="([^"]+)"/g)].map(([, path]) => path!);
    assert.equal(battery!.match(/M/g)!.length, 2);
    assert.equal(battery!.match(/L/g)!.length, 3);
  });

  it("labels its axes with round values and hours", async () => {
    const html = await pageAfter(`"hd":[[12.52,0,${NOW - 3600}],[13.39,2]]`);
    const labels = [...html.matchAll(/text-anchor="end">([^<]+)</g)].map(([, label]) => label);
    assert.deepEqual(labels, ["12.5", "13.0", "13.5", "0.0", "0.5", "1.0", "1.5", "2.0"]);
    const hours = [...html.matchAll(/text-anchor="middle">([^<]+)</g)].map(([, label]) => label);
    assert.deepEqual(hours.slice(0, 6), ["16:00", "20:00", "00:00", "04:00", "08:00", "12:00"]);
  });

  it("warns of refused requests, of a clock ahead and of tampering", async () => {
    const html = await pageAfter(`"hd":[[12.5,0,${NOW + 7200}]]`, '"tampered":true');
    assert.match(html, /Requests refused: 1\. The last: /);
    assert.match(html, /Its newest row lies 2 hours in the future/);
    assert.match(html, /It reports tampering/);
  });

  it("shows texts of a device as texts", async () => {
    const html = await pageAfter(`"hd":[[12.5,0,${NOW}]]`, '"tampered":"<script>"');
    assert.ok(!html.includes("<b>A") && html.includes("&lt;b&gt;A"));
    assert.ok(!html.includes("<script>"));
  });

  it("names a device that never reported, and says how to add one when there is none", async () => {
    const html = await pageOf(createMetricsServer({ devices: [{ serialNumber: SERIAL, key: KEY }], now: () => NOW }));
    assert.match(html, new RegExp(`<h2>${SERIAL}</h2>`));
    assert.match(html, /No rows yet/);
    assert.match(await pageOf(createMetricsServer({ devices: [], now: () => NOW })), /--device SERIAL:KEYHEX/);
  });
});

/** After one request that was taken and one that was refused. */
async function pageAfter(rows: string, data = '"firmware_version":"1"'): Promise<string> {
  const server = createMetricsServer({ devices: [{ serialNumber: SERIAL, key: KEY }], now: () => NOW });
  const answer = await send(server, `"sn":"${SERIAL}","rc":1,${FORMAT},"d":{"token_count":3,${data}},${rows}`);
  assert.equal(answer.status, 201, answer.text);
  await post(server, "/dd", `{"sn":"${SERIAL}","rc":2,"d":{},"a":"ra<script>"}`);
  return pageOf(server);
}

async function pageOf(server: ReturnType<typeof createMetricsServer>): Promise<string> {
  const { status, headers, text } = await call(server, {});
  assert.deepEqual([status, headers["content-type"]], [200, "text/html; charset=utf-8"]);
  return text;
}
