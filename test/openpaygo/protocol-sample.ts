/** A little of everything in the protocol as lines of text, to be the same on every engine. */
import { writeRequest } from "../../firmware/openpaygo/request.js";
import { readAnswer } from "../../firmware/openpaygo/response.js";
import { SipHash } from "../../firmware/openpaygo/siphash.js";
import { utf8 } from "../../firmware/openpaygo/text.js";
import { TokenDecoder } from "../../firmware/openpaygo/token.js";
import type { Value } from "../../hal/sensor.js";

const KEY = "dac86b1a29ab82edc5fbbc41ec9530f6";
const NUMBERS: readonly number[] = [
  0,
  -1,
  2147483648,
  9007199254740991,
  9007199254740992,
  1e16,
  1.5e-7,
  1e-5,
  12.3,
  1 / 3,
  5e-324,
  1.7976931348623157e308,
  1.5,
  100000.5,
];
const TEXTS: readonly string[] = ["caf\u00e9 \u{1f31e}", 'a"\\\n\u007f', "\ud800x", "\u{10ffff}"];
/** Answers of the largest size that are hard to read. */
const HARD: readonly string[] = ["[", '{"a":', '{"tkl":[', '"', "\\u", "1", "{}", '{"a":1,', "\u00e9"];

const key = () => Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(KEY.slice(2 * i, 2 * i + 2), 16));

function request(encoding: "json" | "cbor", values: Value[]): string {
  let position = 0;
  const rows = {
    get position() {
      return position;
    },
    next: (row: { format: number; time: number; values: Value[] }) => {
      if (position === 1) return false;
      Object.assign(row, { format: 1, boot: 0, time: 1750000000, values });
      position++;
      return true;
    },
  };
  const names = values.map((_, index) => `v${index}`);
  const buffer = new Uint8Array(1500);
  const { length } = writeRequest(buffer, {
    serialNumber: "s\u00e9rie \u{1f31e}",
    key: key(),
    auth: "ra",
    form: "condensed",
    encoding,
    requestCount: 7,
    format: {
      data_order: [],
      historical_data_order: [...names, "timestamp"],
      historical_data_interval: 60,
      variables: {},
    },
    embedFormat: true,
    rows,
    formatNumber: 1,
  });
  return hex(buffer.subarray(0, length));
}

function answer(text: string): string {
  const read = readAnswer(utf8(text).subarray(0, 4096), {
    encoding: "json",
    serialNumber: "A1",
    key: key(),
    sent: { requestCount: 7 },
    time: { kind: "active_seconds_left", maximum: 100000 },
  });
  return JSON.stringify(read);
}

function signedAnswer(): string {
  const hash = new SipHash(key());
  const settings = '{"name":"caf\\u00e9 \\ud83c\\udf1e \u00e9","rate":1e-05}';
  hash.update(utf8(`A1760["012345678"]${settings}`));
  return answer(`{"asl":60,"tkl":["012345678"],"st":${settings},"a":"da${hash.hex()}"}`);
}

function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

export function protocolSample(): string[] {
  const decoder = new TokenDecoder({ key: key(), startingCode: 432435255 });
  return [
    request("json", [...NUMBERS]),
    request("cbor", [...NUMBERS]),
    request("json", [...TEXTS]),
    request("cbor", [...TEXTS]),
    signedAnswer(),
    ...HARD.map((part) => answer(part.repeat(4096 / part.length))),
    JSON.stringify(decoder.decode("589568260", { count: 10, used: 1 })),
  ];
}
