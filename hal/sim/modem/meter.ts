/** IPv4 and TCP header without options. */
const HEADER = 40;
const UDP_HEADER = 28;
/** Largest TCP payload on cellular links, whose tunnels shorten the usual 1460. */
export const SEGMENT = 1360;
/** TLS 1.2 with AES-GCM: header 5, explicit nonce 8, tag 16. */
const RECORD = 29;
const LARGEST_RECORD = 16384;
const CLOSE_NOTIFY = RECORD + 2;
/** Full TLS 1.2 handshake, RSA, chain of two small certificates (OpenSSL 3, measured): 2475 bytes in all. */
const HANDSHAKE_SENT = 352;
const HANDSHAKE_RECEIVED = 2123;

/** The bytes an operator bills: payload, and what TCP/IP, TLS and DNS put around it. Sent is up, received is down. */
export class Meter {
  /** On the air, with all headers. */
  sent = 0;
  received = 0;
  /** What the sockets carried. */
  payloadSent = 0;
  payloadReceived = 0;
  connections = 0;
  handshakes = 0;

  /** One query and its answer: header 12, name as labels, type and class; the answer adds a 16-byte record. */
  resolved(name: string): void {
    const query = UDP_HEADER + 12 + name.length + 2 + 4;
    this.sent += query;
    this.received += query + 16;
  }

  /** SYN, SYN ACK, ACK. */
  connected(): void {
    this.connections++;
    this.sent += 2 * HEADER;
    this.received += HEADER;
  }

  secured(): void {
    this.handshakes++;
    this.#up(HANDSHAKE_SENT);
    this.#down(HANDSHAKE_RECEIVED);
  }

  sentPayload(length: number, tls: boolean): void {
    this.payloadSent += length;
    this.#up(tls ? protectedLength(length) : length);
  }

  receivedPayload(length: number, tls: boolean): void {
    this.payloadReceived += length;
    this.#down(tls ? protectedLength(length) : length);
  }

  /** FIN and ACK each way; TLS says goodbye before. */
  closed(tls: boolean): void {
    if (tls) this.#up(CLOSE_NOTIFY);
    this.sent += 2 * HEADER;
    this.received += 2 * HEADER;
  }

  sentAgain(length: number): void {
    this.sent += length + HEADER;
  }

  receivedAgain(length: number): void {
    this.received += length + HEADER;
  }

  /** Every second segment is acknowledged. */
  #up(length: number): void {
    const segments = Math.ceil(length / SEGMENT);
    this.sent += length + segments * HEADER;
    this.received += Math.ceil(segments / 2) * HEADER;
  }

  #down(length: number): void {
    const segments = Math.ceil(length / SEGMENT);
    this.received += length + segments * HEADER;
    this.sent += Math.ceil(segments / 2) * HEADER;
  }
}

function protectedLength(length: number): number {
  return length + Math.ceil(length / LARGEST_RECORD) * RECORD;
}
