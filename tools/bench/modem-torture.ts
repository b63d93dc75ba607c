import type { Knobs } from "../../hal/sim/modem/knobs.js";
import { seededRandom } from "../../hal/sim/random.js";
import { type World, world } from "./modem-world.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Something that happens to a modem or around it, and how long the reports may need to come back once it is over. */
export interface Fault {
  readonly name: string;
  /** Whose fault it is; default all. */
  readonly modems?: readonly string[];
  readonly knobs?: Partial<Knobs>;
  /** What happens at its beginning, besides. */
  readonly event?: "crash" | "drop context" | "close connections";
  /** How long it lasts, milliseconds: the shortest and the longest. */
  readonly lasts: readonly [shortest: number, longest: number];
  /** Milliseconds from its end to a report that got through. */
  readonly bound: number;
}

const BRIEF = [5 * SECOND, 4 * MINUTE] as const;
const MOMENT = [0, 0] as const;
const LONG = [20 * MINUTE, 10 * 60 * MINUTE] as const;

/** Where the ladder has not been climbed to its end. */
const SOON = 4 * MINUTE;
/** An hour's rest, an attempt, and a report. */
const AFTER_REST = 65 * MINUTE;

/** One modem of each dialect. */
export const MODEMS: readonly string[] = [
  ...["SIM7600", "A7670", "SIM800", "SIM7000", "SIM7070"],
  ...["BG95", "EC25", "SARA-R4", "SARA-R5", "SARA-U2"],
];

/** Those with NETOPEN. */
const NETOPEN = ["SIM7600", "A7670"];

/** Every knob of the emulator, alone. */
export const FAULTS: readonly Fault[] = [
  { name: "pieces of one byte", knobs: { fragment: 1 }, lasts: BRIEF, bound: SOON },
  { name: "noise on the line", knobs: { noise: 2000 }, lasts: BRIEF, bound: 14 * MINUTE },
  { name: "slow answers", knobs: { answerTime: 3000 }, lasts: BRIEF, bound: SOON },
  { name: "slow boot", knobs: { bootTime: 40_000 }, event: "crash", lasts: BRIEF, bound: 14 * MINUTE },
  { name: "slow SIM", knobs: { simTime: 15_000 }, event: "crash", lasts: BRIEF, bound: SOON },
  { name: "slow power-down", knobs: { stopTime: 9000, hang: "key" }, lasts: MOMENT, bound: 6 * MINUTE },
  { name: "slow search", knobs: { searchTime: 100_000 }, event: "crash", lasts: BRIEF, bound: SOON },
  { name: "slow attach", knobs: { attachTime: 20_000 }, event: "drop context", lasts: BRIEF, bound: SOON },
  { name: "slow data connection", knobs: { contextTime: 60_000 }, event: "drop context", lasts: BRIEF, bound: SOON },
  { name: "bearer lost with coverage", knobs: { contextHold: 0, coverage: false }, lasts: BRIEF, bound: SOON },
  {
    name: "storm of URCs",
    knobs: { storm: 20, interleave: 500, unsolicited: ["RING", "+CSQ: 9,99", "OK"] },
    lasts: BRIEF,
    bound: 14 * MINUTE,
  },
  { name: "hang until reset", knobs: { hang: "reset" }, lasts: MOMENT, bound: SOON },
  { name: "hang until the key", knobs: { hang: "key" }, lasts: MOMENT, bound: SOON + MINUTE },
  { name: "hang until power is cut", knobs: { hang: "supply" }, lasts: MOMENT, bound: SOON + 2 * MINUTE },
  { name: "SIM asks for its PIN", knobs: { sim: "SIM PIN" }, event: "crash", lasts: BRIEF, bound: SOON },
  { name: "SIM asks for its PUK", knobs: { sim: "SIM PUK" }, event: "crash", lasts: LONG, bound: SOON },
  { name: "SIM pulled out", knobs: { sim: "NOT INSERTED" }, lasts: BRIEF, bound: SOON },
  { name: "SIM gone for hours", knobs: { sim: "NOT INSERTED" }, lasts: LONG, bound: SOON },
  { name: "2G only", knobs: { technology: "GSM" }, event: "crash", lasts: BRIEF, bound: SOON },
  { name: "no coverage", knobs: { coverage: false }, lasts: BRIEF, bound: SOON },
  { name: "no coverage for hours", knobs: { coverage: false }, lasts: LONG, bound: AFTER_REST },
  { name: "denied", knobs: { denied: true }, lasts: BRIEF, bound: SOON },
  { name: "denied for hours", knobs: { denied: true }, lasts: LONG, bound: AFTER_REST },
  { name: "roaming", knobs: { roaming: true }, lasts: BRIEF, bound: SOON },
  { name: "weak signal", knobs: { signal: -113, loss: 200 }, lasts: BRIEF, bound: SOON },
  { name: "no time, other zone", knobs: { nitz: false, zone: 32 }, event: "crash", lasts: BRIEF, bound: SOON },
  { name: "latency of 20 s", knobs: { latency: 20_000 }, lasts: BRIEF, bound: SOON },
  { name: "2400 bit/s", knobs: { uplink: 2400, downlink: 2400 }, lasts: BRIEF, bound: SOON },
  { name: "half of all segments lost", knobs: { loss: 500 }, lasts: BRIEF, bound: SOON },
  { name: "connections half open", knobs: { halfOpen: true }, lasts: BRIEF, bound: SOON },
  { name: "half open for hours", knobs: { halfOpen: true }, lasts: LONG, bound: SOON + 2 * MINUTE },
  { name: "peer closes while sending", knobs: { closeAfterSent: 100 }, lasts: BRIEF, bound: SOON },
  { name: "peer closes while answering", knobs: { closeAfterReceived: 100 }, lasts: BRIEF, bound: SOON },
  { name: "results before their OK", knobs: { resultFirst: true }, event: "drop context", lasts: BRIEF, bound: SOON },
  { name: "bare errors", knobs: { plainErrors: true, sim: "NOT INSERTED" }, lasts: BRIEF, bound: SOON },
  {
    name: "NETOPEN fails",
    modems: NETOPEN,
    knobs: { networkOpenError: true },
    event: "drop context",
    lasts: BRIEF,
    bound: 14 * MINUTE,
  },
  {
    name: "NETOPEN fails for hours",
    modems: NETOPEN,
    knobs: { networkOpenError: true },
    event: "crash",
    lasts: LONG,
    bound: AFTER_REST,
  },
  {
    name: "lost network not told",
    modems: NETOPEN,
    knobs: { networkStaysOpen: true },
    event: "drop context",
    lasts: BRIEF,
    bound: SOON,
  },
  {
    name: "open link is silent",
    modems: NETOPEN,
    knobs: { silentReopen: true, halfOpen: true },
    lasts: BRIEF,
    bound: SOON,
  },
  { name: "data gone with the peer", knobs: { closeDropsData: true, closeAfterSent: 250 }, lasts: BRIEF, bound: SOON },
  { name: "ESC ends a payload", knobs: { escapeAborts: true, noise: 500 }, lasts: BRIEF, bound: 14 * MINUTE },
  { name: "crash", event: "crash", lasts: MOMENT, bound: SOON },
  { name: "data connection dropped", event: "drop context", lasts: MOMENT, bound: SOON },
  { name: "peers close", event: "close connections", lasts: MOMENT, bound: SOON },
];

/** The knobs of single families, on a modem that has them. */
export const QUIRKS: readonly Fault[] = (
  [
    ["SIM7600", { contextLifetime: 40_000 }],
    ["SIM7600", { connectTimeout: 3000, latency: 4000 }],
    ["SIM7600", { dnsTime: 30_000 }],
    ["SIM7600", { circuitSwitched: false }],
    ["SIM7600", { gluedResults: true }],
    ["SIM7600", { testsWithoutOK: true }],
    ["SIM7600", { promptSpace: true }],
    ["SIM7600", { handshakesFail: true }],
    ["SIM800", { supplyVoltage: 3300 }],
    ["SIM800", { echoDelay: 300 }],
    ["SIM800", { sendFails: 500 }],
    ["SIM800", { manualSpaces: true }],
    ["SIM7000", { singleLineEnds: true }],
    ["SIM7000", { announcesAgain: true }],
    ["SIM7000", { sendWithoutResult: true }],
    ["SIM7000", { manualReceive: true }],
    ["SIM7000", { undocumentedFailure: true }],
    ["SIM7070", { contextIndexRenamed: true }],
    ["SIM7070", { indexMissing: true }],
    ["SIM7080", { shortRead: true }],
    ["BG96", { connectedState: 4 }],
    ["BG96", { contextCommandHangs: true }],
    ["SARA-R4", { promptGuard: 50 }],
    ["SARA-R4", { resetsRefused: true }],
    ["SARA-R4", { writeWithoutResult: true }],
    ["SARA-R4", { syncConnectHangs: true }],
    ["SARA-R5", { talkativeRegistration: true }],
    ["SARA-U2", { connectTwiceOK: true }],
    ["SARA-U2", { extraRead: true }],
  ] satisfies [string, Partial<Knobs>][]
).map(([modem, knobs]) => ({
  ...{ name: `${modem}: ${Object.keys(knobs).join(", ")}`, modems: [modem], knobs },
  ...{ event: "crash", lasts: BRIEF, bound: 14 * MINUTE },
}));

/** Figures that the card needs for its faults: alone they change nothing. */
export const NO_FAULT: readonly (keyof Knobs)[] = ["pin", "puk"];

/** Several faults at a time, by chance: any two or three of those that go away by themselves. */
export function mixture(seed: number): Fault {
  const random = seededRandom(seed);
  const faults = Array.from({ length: 2 + (random() % 2) }, () => FAULTS[random() % FAULTS.length]!);
  return {
    name: faults.map((fault) => fault.name).join(" + "),
    knobs: Object.assign({}, ...faults.map((fault) => fault.knobs ?? {})),
    event: faults.find((fault) => fault.event)?.event ?? "drop context",
    lasts: [0, 10 * MINUTE],
    bound: 14 * MINUTE,
  };
}

/** A small client: 300 bytes to the server that sends them back; then a pause; again at once after two minutes of silence. */
class Reporter {
  /** When the last report got through, by the world's time. */
  last = Number.NEGATIVE_INFINITY;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    this.#begin();
  }

  #begin(): void {
    const { modem, time } = this.#world;
    if (modem.connection < 500) {
      time.set(() => this.#begin(), SECOND);
      return;
    }
    let missing = 300;
    const begun = time.now;
    const end = (pause: number) => {
      time.clear(patience);
      socket.close();
      time.set(() => this.#begin(), pause);
    };
    const patience = time.set(() => end(SECOND), 2 * MINUTE);
    let sent = false;
    const socket = new modem.TCP({
      address: "echo",
      port: 7,
      onWritable: () => {
        if (!sent) socket.write(new Uint8Array(300));
        sent = true;
      },
      onReadable: () => {
        missing -= (socket.read() as ArrayBuffer).byteLength;
        if (missing > 0) return;
        this.last = begun;
        end(20 * SECOND);
      },
      onError: () => end(5 * SECOND),
    });
  }
}

/**
 * One fault at a moment given by the seed: while the modem starts, while it is connected or while it reports. Gives the
 * milliseconds from the fault's end to the first report that began after it and got through; throws when none did in three times the bound.
 */
export function recoveryTime(
  fault: Fault,
  seed: number,
  name = fault.modems?.[0] ?? "SIM7600",
): { took: number; harshPowerCuts: number } {
  const random = seededRandom(seed);
  const w = world({}, seed, { name });
  const reporter = new Reporter(w);
  w.time.run(random() % (3 * MINUTE));
  const before = { ...w.emulator.knobs };
  Object.assign(w.emulator.knobs, fault.knobs);
  if (fault.event === "crash") w.emulator.crash();
  if (fault.event === "drop context") w.emulator.dropContext();
  if (fault.event === "close connections") w.emulator.closeConnections();
  const [shortest, longest] = fault.lasts;
  w.time.run(shortest + (random() % (longest - shortest + 1)));
  // A hang ends by its cure only.
  const { hang } = w.emulator.knobs;
  Object.assign(w.emulator.knobs, before, { hang });
  const over = w.time.now;
  const took = w.until(() => reporter.last >= over, 3 * fault.bound);
  // What hangs cannot be switched off cleanly, nor what says OK to nothing.
  const deaf = fault.knobs?.hang !== undefined || fault.knobs?.unsolicited?.includes("OK");
  return { took, harshPowerCuts: deaf ? 0 : w.emulator.harshPowerCuts };
}
