import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { Serial } from "../../../hal/serial.js";
import { toBytes, toText } from "../../../hal/sim/bytes.js";
import { seededRandom } from "../../../hal/sim/random.js";
import { SimulatedTime } from "../../../hal/sim/time.js";
import { Uart, type UartOptions } from "../../../hal/sim/uart.js";

class Wire {
  readonly time = new SimulatedTime();
  readonly uart: Uart;
  readonly pieces: string[] = [];
  readonly writable: number[] = [];
  readonly readable: number[] = [];
  peerGot = "";

  constructor(options: Partial<UartOptions> = {}) {
    this.uart = new Uart({ timer: this.time, ticks: () => this.time.now, random: seededRandom(1), ...options });
    this.uart.peer.onReceive = (bytes) => {
      this.peerGot += toText(bytes);
    };
  }

  open(baud = 115200, reads = true): Serial {
    const serial: Serial = new this.uart.device.io({
      ...this.uart.device,
      baud,
      onReadable: (count) => {
        this.readable.push(count);
        if (reads) this.pieces.push(toText(new Uint8Array(serial.read() ?? new ArrayBuffer(0))));
      },
      onWritable: (count) => this.writable.push(count),
    });
    return serial;
  }
}

describe("emulated UART", () => {
  it("takes ten bits a byte in both directions", () => {
    const wire = new Wire({ transmitCapacity: 2000 });
    const serial = wire.open(9600);
    wire.uart.peer.baud = 9600;
    wire.time.run(0);
    serial.write(toBytes("x".repeat(960)));
    wire.uart.peer.write(toBytes("y".repeat(960)));
    wire.time.run(999);
    assert.ok(wire.peerGot.length < 960);
    assert.ok(wire.pieces.join("").length < 960);
    wire.time.run(1);
    assert.equal(wire.peerGot.length, 960);
    assert.equal(wire.pieces.join("").length, 960);
  });

  it("does not gather rounding errors, however small the pieces", () => {
    const wire = new Wire({ disturbances: { fragment: 1, noise: 0 } });
    wire.open();
    wire.uart.peer.write(toBytes("z".repeat(11520)));
    wire.time.run(1000);
    assert.equal(wire.pieces.length, 11520);
  });

  it("delivers on the next turn when it is not timed", () => {
    const wire = new Wire({ timed: false, transmitCapacity: 5000 });
    const serial = wire.open(300);
    wire.uart.peer.baud = 300;
    serial.write(toBytes("a".repeat(5000)));
    assert.equal(wire.peerGot, "");
    wire.time.run(0);
    assert.equal(wire.peerGot.length, 5000);
  });

  it("uses one timer for a piece, not one for a byte", () => {
    const wire = new Wire();
    wire.open();
    wire.uart.peer.write(new Uint8Array(1200));
    let steps = 0;
    while (wire.time.step()) steps++;
    assert.equal(steps, 1 + 10);
  });

  it("allows what has left, and throws when more is written", () => {
    const wire = new Wire({ transmitCapacity: 128 });
    const serial = wire.open();
    wire.time.run(0);
    assert.deepEqual(wire.writable, [128]);
    serial.write(new Uint8Array(100));
    assert.throws(() => serial.write(new Uint8Array(29)), /29 bytes given, 28 can be taken/);
    serial.write(new Uint8Array(28));
    wire.time.run(20);
    // The first piece is the 100 bytes that were there when it was begun.
    assert.deepEqual(wire.writable, [128, 100, 128]);
    assert.equal(wire.peerGot.length, 128);
  });

  it("loses and counts what the device does not read in time", () => {
    const wire = new Wire({ receiveCapacity: 100, timed: false });
    const serial = wire.open(115200, false);
    wire.uart.peer.write(toBytes("0123456789".repeat(12)));
    wire.time.run(0);
    assert.equal(wire.uart.overruns, 20);
    assert.equal(serial.read()?.byteLength, 100);
    assert.equal(serial.read(), undefined);
  });

  it("reads as many bytes as asked for", () => {
    const wire = new Wire({ timed: false });
    const serial = wire.open(115200, false);
    wire.uart.peer.write(toBytes("hello"));
    wire.time.run(0);
    assert.equal(toText(new Uint8Array(serial.read(2)!)), "he");
    assert.equal(toText(new Uint8Array(serial.read(9)!)), "llo");
  });

  it("garbles everything when the rates differ, until the peer follows the device", () => {
    const wire = new Wire({ timed: false });
    const serial = wire.open(9600);
    serial.write(toBytes("AT\r"));
    wire.time.run(0);
    assert.notEqual(wire.peerGot, "AT\r");
    wire.peerGot = "";
    wire.uart.peer.baud = 0;
    serial.write(toBytes("AT\r"));
    wire.time.run(0);
    assert.equal(wire.peerGot, "AT\r");
  });

  it("garbles about as many bytes as the noise says", () => {
    const wire = new Wire({ timed: false, receiveCapacity: 200_000, disturbances: { fragment: 0, noise: 10_000 } });
    wire.open();
    wire.uart.peer.write(new Uint8Array(100_000));
    wire.time.run(0);
    const garbled = [...wire.pieces.join("")].filter((c) => c !== "\0").length;
    assert.ok(garbled > 800 && garbled < 1200, `${garbled}`);
  });

  it("is opened by one at a time, closes twice, and is silent afterwards", () => {
    const wire = new Wire();
    const serial = wire.open();
    assert.throws(() => wire.open(), /in use/);
    wire.uart.peer.write(toBytes("lost"));
    serial.close();
    serial.close();
    wire.time.run(100);
    assert.deepEqual([wire.readable, wire.writable], [[], []]);
    assert.throws(() => serial.write(new Uint8Array(1)), /closed/);
    wire.open();
    wire.time.run(100);
    assert.deepEqual(wire.pieces, []);
  });

  it("refuses options that make no sense", () => {
    assert.throws(() => new Wire({ receiveCapacity: 0 }), /receiveCapacity: expected a positive integer, got 0/);
    assert.throws(() => new Wire().open(-5), /baud: expected a positive integer, got -5/);
  });

  it("brings every byte in order through fragments of any size", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), fc.integer({ min: 0, max: 9 }), (chunks, fragment) => {
        const wire = new Wire({ disturbances: { fragment, noise: 0 } });
        wire.open();
        for (const chunk of chunks) wire.uart.peer.write(chunk);
        wire.time.run(10_000);
        assert.equal(wire.pieces.join(""), chunks.map(toText).join(""));
        if (fragment > 0) assert.ok(wire.pieces.every((piece) => piece.length <= fragment));
      }),
      { numRuns: 50 },
    );
  });
});
