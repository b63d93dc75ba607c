import { hexBytes } from "../../../firmware/hex.js";
import { readAnswer, readFormatId } from "../../../firmware/openpaygo/response.js";
import { utf8 } from "../../../firmware/openpaygo/text.js";
import { seededRandom } from "../../../hal/sim/random.js";
import { host } from "../board.js";

const TRIES = 4000;

const SEEDS: readonly (readonly [encoding: "json" | "cbor", bytes: Uint8Array])[] = [
  [
    "json",
    utf8('{"tkl":[123456789,"987654321"],"auts":1796083200,"st":{"report_interval":600},"a":"da0123456789abcdef"}'),
  ],
  ["json", utf8(`{"st":${"[".repeat(200)}${"]".repeat(200)},"ed":{"x":"\\ud83d\\ude00"},"asl":1e400}`)],
  ["json", utf8(`{"x":"${"y".repeat(3900)}"}`)],
  ["json", utf8(`{${many(500, (i) => `"${i}":0`)}}`)],
  ["json", utf8(`{"st":{${many(500, (i) => `"${i}":0`)}}}`)],
  ["json", utf8(`{"tkl":[${many(360, (i) => String(100_000_000 + i))}]}`)],
  ["cbor", hexBytes("a36374786c83011a075bcd151b000000003ade68b161616464613031626564a0")],
  ["cbor", hexBytes("bf6161ff9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f")],
];

function many(count: number, item: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => item(index)).join();
}

/** Reads thousands of damaged answers in the memory of an ESP32; prints how many were read, and of which none may act. */
export default function main(): void {
  const random = seededRandom(1);
  const key = hexBytes("dac86b1a29ab82edc5fbbc41ec9530f6");
  let acted = 0;
  for (let i = 0; i < TRIES; i++) {
    const [encoding, seed] = SEEDS[i % SEEDS.length]!;
    const body = mutate(seed, random);
    const time = { kind: "active_until_timestamp", maximum: 1_800_000_000 } as const;
    const answer = readAnswer(body, { encoding, serialNumber: "HG1", key, sent: { requestCount: i + 1 }, time });
    if (answer.accepted && (answer.verified || answer.activeUntil !== undefined || answer.settings.length > 0)) acted++;
    readFormatId(body, encoding);
  }
  host.print(`${TRIES} answers, ${acted} acted on`);
}

/** Some bytes changed, and sometimes cut or doubled. */
function mutate(seed: Uint8Array, random: () => number): Uint8Array {
  const doubled = random() % 8 === 0 && seed.length < 2000;
  const bytes = new Uint8Array(doubled ? seed.length * 2 : seed.length);
  bytes.set(seed);
  if (doubled) bytes.set(seed, seed.length);
  for (let changes = random() % 4; changes > 0; changes--) bytes[random() % bytes.length] = random() & 0xff;
  return random() % 3 === 0 ? bytes.subarray(0, random() % bytes.length) : bytes;
}
