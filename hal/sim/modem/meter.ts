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
/** Resumed TLS 1.2 handshake (OpenSSL 3, measured): 709 bytes in all, 141 of them from the server. */
const RESUMED_SENT = 568;
const RESUMED_RECEIVED = 141;
/** An NTP packet without extensions (RFC 5905 7.3). */
const NTP = 48;

/** The bytes an operator bills: payload, and what TCP/IP, TLS and DNS put around it. Sent is up, received is down. */
export class Meter {
  /** On the air, with all headers. */
  sent = 0;
  received = 0;
  packetsSent = 0;
  packetsReceived = 0;
  /** What the sockets carried. */
  payloadSent = 0;
  payloadReceived = 0;
  connections = 0;
  /** TLS handshakes, full and resumed. */
  handshakes = 0;
  resumptions = 0;

  /** One query and its answer: header 12, name as labels, type and class; the answer adds a 16-byte record. */
  resolved(name: string): void {
    const query = UDP_HEADER + 12 + name.length + 2 + 4;
    this.#send(query, 1);
    this.#receive(query + 16, 1);
  }

  /** One NTP request and its answer. */
  askedTime(): void {
    this.#send(UDP_HEADER + NTP, 1);
    this.#receive(UDP_HEADER + NTP, 1);
  }

  /** SYN, SYN ACK, ACK. */
  connected(): void {
    this.connections++;
    this.#send(2 * HEADER, 2);
    this.#receive(HEADER, 1);
  }

  secured(resumed: boolean): void {
    if (resumed) this.resumptions++;
    else this.handshakes++;
    this.#up(resumed ? RESUMED_SENT : HANDSHAKE_SENT);
    this.#down(resumed ? RESUMED_RECEIVED : HANDSHAKE_RECEIVED);
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
    this.#send(2 * HEADER, 2);
    this.#receive(2 * HEADER, 2);
  }

  sentAgain(length: number): void {
    this.#send(length + HEADER, 1);
  }

  receivedAgain(length: number): void {
    this.#receive(length + HEADER, 1);
  }

  /** Every second segment is acknowledged. */
  #up(length: number): void {
    const segments = Math.ceil(length / SEGMENT);
    const acknowledgements = Math.ceil(segments / 2);
    this.#send(length + segments * HEADER, segments);
    this.#receive(acknowledgements * HEADER, acknowledgements);
  }

  #down(length: number): void {
    const segments = Math.ceil(length / SEGMENT);
    const acknowledgements = Math.ceil(segments / 2);
    this.#receive(length + segments * HEADER, segments);
    this.#send(acknowledgements * HEADER, acknowledgements);
  }

  #send(bytes: number, packets: number): void {
    this.sent += bytes;
    this.packetsSent += packets;
  }

  #receive(bytes: number, packets: number): void {
    this.received += bytes;
    this.packetsReceived += packets;
  }
}

function protectedLength(length: number): number {
  return length + Math.ceil(length / LARGEST_RECORD) * RECORD;
}
