import { strict as assert } from "node:assert";
import type { Serial, SerialOptions, SerialPort } from "../../hal/serial.js";

const COLUMNS = 80;

/** A VT100 without its escape sequences: what a teletype can do too. Holds every row since it was switched on. */
export class Terminal {
  readonly rows = [""];
  column = 0;
  bells = 0;
  readonly #decoder = new TextDecoder();

  write(bytes: Uint8Array): void {
    for (const character of this.#decoder.decode(bytes, { stream: true })) this.#put(character);
  }

  get row(): string {
    return this.rows[this.rows.length - 1]!;
  }

  /** The rows above the one of the cursor, without the blanks at their ends. */
  get above(): string[] {
    return this.rows.slice(0, -1).map((row) => row.trimEnd());
  }

  #put(character: string): void {
    if (character === "\r") this.column = 0;
    else if (character === "\n") this.rows.push(" ".repeat(this.column));
    else if (character === "\b") this.column = Math.max(0, this.column - 1);
    else if (character === "\x07") this.bells++;
    else this.#print(character);
  }

  /** Writing beyond the last column wraps when the next character comes, as in a VT100. */
  #print(character: string): void {
    assert(
      character >= " " && character !== "\x7f",
      `control character ${character.charCodeAt(0)} sent to a dumb terminal`,
    );
    if (this.column === COLUMNS) {
      this.column = 0;
      this.rows.push("");
    }
    const row = this.row.padEnd(this.column);
    this.rows[this.rows.length - 1] = row.slice(0, this.column) + character + row.slice(this.column + 1);
    this.column++;
  }
}

/** A serial port with a terminal at its end. It takes bytes only when `take` says so, and sends them only when looked at. */
export class FakeSerial {
  /** Most bytes that a single read gives. */
  fragment = Number.POSITIVE_INFINITY;
  closed = 0;
  readonly port: SerialPort;
  #options: SerialOptions = {};
  #received: number[] = [];
  #writable = 0;
  readonly #terminal = new Terminal();
  #sent = "";
  /** What was written, as a driver without a buffer of its own would keep it. */
  readonly #pending: Uint8Array[] = [];

  constructor() {
    const fake = this;
    this.port = {
      device: "fake",
      io: class implements Serial {
        constructor(options: SerialOptions) {
          assert.equal(options.device, "fake");
          fake.#options = options;
        }
        read(): ArrayBuffer | undefined {
          return fake.#read();
        }
        write(buffer: ArrayBuffer | Uint8Array): void {
          fake.#write(buffer instanceof Uint8Array ? buffer : new Uint8Array(buffer));
        }
        close(): void {
          fake.closed++;
        }
      },
    };
  }

  get terminal(): Terminal {
    this.#send();
    return this.#terminal;
  }

  /** All that was sent, as text. */
  get sent(): string {
    this.#send();
    return this.#sent;
  }

  /** The port can take so many bytes from now on. */
  take(count: number): void {
    this.#writable = count;
    this.#options.onWritable?.(count);
  }

  /** Takes everything in pieces of `count` bytes until nothing more comes. */
  drain(count = 4096): void {
    let before: number;
    do {
      before = this.sent.length;
      this.take(count);
    } while (this.sent.length > before);
  }

  type(text: string): void {
    this.receive(new TextEncoder().encode(text));
  }

  receive(bytes: Iterable<number>): void {
    this.#received.push(...bytes);
    this.#options.onReadable?.(this.#received.length);
  }

  #read(): ArrayBuffer | undefined {
    if (this.#received.length === 0) return undefined;
    return new Uint8Array(this.#received.splice(0, this.fragment)).buffer;
  }

  #write(bytes: Uint8Array): void {
    assert(bytes.length <= this.#writable, `${bytes.length} bytes written where ${this.#writable} were allowed`);
    assert(bytes.length > 0, "nothing written");
    this.#writable -= bytes.length;
    this.#pending.push(bytes);
  }

  #send(): void {
    for (const bytes of this.#pending.splice(0)) {
      this.#terminal.write(bytes);
      this.#sent += new TextDecoder().decode(bytes);
    }
  }
}
