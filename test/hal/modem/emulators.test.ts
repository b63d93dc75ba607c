import assert from "node:assert/strict";
import { pemOf } from "../../../hal/modem/pem.js";
import type { Serial, SerialOptions, SerialPort } from "../../../hal/serial.js";
import type { Knobs } from "../../../hal/sim/modem/knobs.js";
import { modemNames } from "../../../hal/sim/modem/modems.js";
import { seededRandom } from "../../../hal/sim/random.js";
import { AUTHORITY, exchange, pattern, type World, world } from "../../../tools/bench/modem-world.js";

/** One of each dialogue, at the least; the others differ in their names and times. */
const DIALOGUES = [
  ...["SIM7600", "A7670", "SIM800", "SIM7000", "SIM7070"],
  ...["BG95", "EC25", "SARA-R4", "SARA-R5", "SARA-U2"],
];
const FRAGMENTS = [1, 2, 3, 7, 0];
const STORM = { storm: 50, interleave: 300 };
const TLS = { host: "shs.example", ca: AUTHORITY };
/** As the network behind an emulator gets it. */
const PEM = Buffer.from(pemOf(AUTHORITY)).toString();
/** What may come at any moment, some of it about links that are not there. */
const CODES = [
  ...["+CREG: 1", '+CEREG: 1,"5A1E","B28A50C",7', "+CPIN: READY", "DST: 1", '*PSUTTZ: 24/02/29,12:34:56","+08",0'],
  ...["+CIPRXGET: 1,5", "15, CLOSED", "+IPCLOSE: 15,1", "+CCHEVENT: 1,RECV EVENT", "+CADATAIND: 6", "+CASTATE: 15,0"],
  ...[
    '+QIURC: "recv",9',
    '+QIURC: "closed",15',
    '+QSSLURC: "recv",5',
    "+UUSORD: 6,10",
    "+UUSOCL: 9",
    "+QIND: SMS DONE",
  ],
];
const hasTLS = (name: string) => name !== "SIM800";

/** A port that tells of every byte that passes, either way. */
function tapped({ io, ...options }: SerialPort, onByte: () => void): SerialPort {
  const tell = (count: number) => {
    for (let i = 0; i < count; i++) onByte();
  };
  class Tap implements Serial {
    readonly #serial: Serial;
    constructor(own: SerialOptions) {
      const onReadable = (count: number) => {
        tell(count);
        own.onReadable?.(count);
      };
      this.#serial = new io({ ...own, onReadable });
    }
    read(count?: number): ArrayBuffer | undefined {
      return this.#serial.read(count);
    }
    write(buffer: ArrayBuffer | Uint8Array): void {
      tell(buffer.byteLength);
      this.#serial.write(buffer);
    }
    close(): void {
      this.#serial.close();
    }
  }
  return { ...options, io: Tap };
}

function connected(name: string, knobs: Partial<Knobs> = {}): World {
  const w = world(knobs, 1, { name });
  w.until(() => w.modem.connection === 500, 200_000);
  return w;
}

/** A world whose modem says `code` when so many bytes have passed, of the attach or from `interrupt` on. */
function interruptible(name: string, fragment: number, left = -1, code = "") {
  let bytes = 0;
  const wrap = (serial: SerialPort) =>
    tapped(serial, () => {
      bytes++;
      if (left-- === 0) say();
    });
  /** One or two of them, within a millisecond or two. */
  const say = () => {
    Object.assign(w.emulator.knobs, { unsolicited: [code], storm: 1 });
    w.time.set(() => Object.assign(w.emulator.knobs, { storm: 0 }), 2);
  };
  const w = world({ fragment }, 1, { name, wrap });
  w.until(() => w.modem.connection === 500, 200_000);
  return {
    w,
    attachBytes: bytes,
    /** Gives how many bytes `run` took. */
    interrupt(at: number, with_: string, run: () => void): number {
      [left, code, bytes] = [at, with_, 0];
      run();
      return bytes;
    },
  };
}

/** One small exchange. */
function talk(w: World, options: object = {}): void {
  assert.deepEqual(exchange(w, 24, options), pattern(24), w.log.slice(-30).join("\n"));
}

/** A peer that closes half-way. */
function beCutOff(w: World): void {
  w.emulator.knobs.closeAfterReceived = 150;
  assert.equal(exchange(w, 300), undefined);
  w.emulator.knobs.closeAfterReceived = undefined;
  assert.equal(w.modem.connection, 500);
}

describe("modem driver and behaving modems of all families", () => {
  for (const name of modemNames) {
    it(`attaches ${name} from power off, and knows who, where and when`, () => {
      const { modem, until, time, log } = connected(name);
      assert.ok(time.now < 40_000, `${time.now} ms`);
      assert.match(modem.information.imei!, /^[0-9]{15}$/);
      assert.match(modem.information.imsi!, /^[0-9]{15}$/);
      assert.match(modem.information.iccid!, /^[0-9]{18,20}F?$/);
      assert.ok(modem.information.model!.includes(name), modem.information.model);
      until(() => modem.time !== undefined);
      assert.ok(Math.abs(modem.time! - 1_700_000_000 - time.now / 1000) <= 2);
      assert.ok(!log.some((line) => line.includes("is of an unknown kind")));
    });
  }

  for (const name of DIALOGUES) {
    it(`carries 64 KB both ways bit for bit through ${name}, in fragments of ${FRAGMENTS.join(", ")}, amid URCs`, () => {
      for (const fragment of FRAGMENTS) {
        const w = connected(name, { fragment, ...STORM });
        assert.deepEqual(exchange(w, 65_536), pattern(65_536), `fragments of ${fragment}`);
        assert.deepEqual([w.modem.bytesSent, w.modem.bytesReceived], [65_536, 65_536]);
      }
    });
  }

  for (const name of DIALOGUES.filter(hasTLS)) {
    it(`carries 8 KB both ways through the TLS of ${name}, which checks the server, amid URCs`, () => {
      for (const fragment of FRAGMENTS) {
        const w = connected(name, { fragment, ...STORM });
        for (const size of [8192, 100]) assert.deepEqual(exchange(w, size, { tls: TLS }), pattern(size));
        assert.equal(w.internet.security.length, 2);
        for (const options of w.internet.security) assert.equal(options?.authority, PEM);
        const uploads = w.log.filter((line) =>
          line.endsWith(`> (${name.startsWith("SARA") ? 1000 : PEM.length} bytes)`),
        );
        assert.equal(uploads.length, 1, "the certificate is kept");
      }
    });
  }

  for (const name of DIALOGUES) {
    it(`reports what ${name} cannot open, and peers that close, and goes on`, () => {
      const w = connected(name);
      assert.equal(exchange(w, 10, { address: "refused" }), undefined);
      for (const closeAfterReceived of [0, 1, 1500, 5000]) {
        w.emulator.knobs.closeAfterReceived = closeAfterReceived;
        assert.equal(exchange(w, 20_000), undefined);
      }
      w.emulator.knobs.closeAfterReceived = undefined;
      assert.ok(exchange(w, 1000));
      assert.equal(w.modem.connection, 500);
    });

    it(`connects ${name} again after its network or its power went`, () => {
      const w = connected(name);
      for (const harm of [() => w.emulator.dropContext(), () => w.emulator.crash()]) {
        harm();
        w.time.run(1000);
        w.until(() => w.modem.connection === 500 && exchange(w, 500) !== undefined, 300_000);
      }
    });
  }

  for (const name of ["BG95", "EC25", "SARA-R5"])
    it(`resumes the TLS sessions of ${name}`, () => {
      const w = connected(name);
      for (let i = 0; i < 3; i++) assert.ok(exchange(w, 100, { tls: TLS }));
      const sessions = w.internet.security.map((options) => options?.session?.[0]);
      assert.deepEqual(sessions, [undefined, 1, 2]);
    });

  const quirks: [names: string, knobs: Partial<Knobs>][] = [
    [
      DIALOGUES.join(),
      { resultFirst: true, plainErrors: true, singleLineEnds: true, promptSpace: true, escapeAborts: true },
    ],
    [DIALOGUES.join(), { testsWithoutOK: true, closeDropsData: true, talkativeRegistration: true, answerTime: 500 }],
    [DIALOGUES.join(), { circuitSwitched: false, roaming: true, latency: 700, loss: 30, answerTime: 30 }],
    ["SIM800,SIM7000", { manualSpaces: true, announcesAgain: true }],
    ["SIM7000", { sendWithoutResult: true, contextIndexRenamed: true }],
    ["SIM7000", { manualReceive: true }],
    ["SIM7070", { contextIndexRenamed: true, indexMissing: true }],
    ["BG95,EC25", { connectedState: 4, contextCommandHangs: true }],
    ["SARA-R4,SARA-R5", { syncConnectHangs: true }],
    ["SARA-U2", { connectTwiceOK: true, extraRead: true }],
  ];
  for (const [names, knobs] of quirks)
    for (const name of names.split(","))
      it(`works with ${name} when it has ${Object.keys(knobs).join(", ")}`, () => {
        const w = connected(name, knobs);
        for (let i = 0; i < 3; i++) assert.deepEqual(exchange(w, 5000), pattern(5000));
        if (hasTLS(name)) assert.deepEqual(exchange(w, 3000, { tls: TLS }), pattern(3000));
        w.emulator.dropContext();
        w.time.run(100);
        w.until(() => w.modem.connection === 500 && exchange(w, 500) !== undefined, 300_000);
      });

  it("takes a URC at every byte of an exchange on every family", function () {
    this.timeout(60_000);
    const random = seededRandom(11);
    let cases = 0;
    for (const name of DIALOGUES) {
      const { w, interrupt } = interruptible(name, 1);
      const bytes = interrupt(-1, "", () => talk(w));
      for (let at = 0; at < bytes; at++, cases++) interrupt(at, CODES[random() % CODES.length]!, () => talk(w));
      assert.equal(w.modem.connection, 500);
    }
    console.log(`      ${cases} cases`);
  });

  it("takes a URC at any byte of the attach on every family, in fragments of any size", function () {
    this.timeout(60_000);
    const random = seededRandom(13);
    let cases = 0;
    for (const name of DIALOGUES)
      for (const fragment of FRAGMENTS) {
        const bytes = interruptible(name, fragment).attachBytes;
        for (let i = 0; i < 6; i++, cases++) {
          const { w } = interruptible(name, fragment, random() % bytes, CODES[random() % CODES.length]);
          assert.match(w.modem.information.imsi!, /^[0-9]{15}$/);
          talk(w);
        }
      }
    console.log(`      ${cases} cases`);
  });

  it("takes a URC at any byte of an exchange, of a peer's close and of TLS, in fragments of any size", function () {
    this.timeout(60_000);
    const random = seededRandom(12);
    let cases = 0;
    for (const name of DIALOGUES) {
      for (const fragment of FRAGMENTS) {
        const { w, interrupt } = interruptible(name, fragment);
        const exchanges = [() => talk(w), () => beCutOff(w), ...(hasTLS(name) ? [() => talk(w, { tls: TLS })] : [])];
        for (const run of exchanges) {
          run();
          const bytes = interrupt(-1, "", run);
          for (let i = 0; i < 12; i++, cases++) interrupt(random() % bytes, CODES[random() % CODES.length]!, run);
        }
      }
    }
    console.log(`      ${cases} cases`);
  });
});
