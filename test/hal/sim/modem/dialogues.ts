import { toBytes } from "../../../../hal/sim/bytes.js";
import type { Knobs } from "../../../../hal/sim/modem/knobs.js";
import { Bench } from "./bench.js";

/** A host that knows one family's commands just well enough for TCP; throws when the modem says anything unexpected. */
export interface Dialogue {
  /** Opens what sockets need. */
  prepare(bench: Bench): void;
  /** Gives everything the modem said. */
  connect(bench: Bench, host: string, port: number): string;
  readonly connected: RegExp;
  readonly unknownName: RegExp;
  readonly refused: RegExp;
  /** The largest payload of one send, bytes. */
  readonly largest: number;
  send(bench: Bench, payload: string): void;
  /** Reads what is there, as far as one command goes; "" when nothing is. */
  receive(bench: Bench): string;
  readonly announced: RegExp;
  readonly closed: RegExp;
  /** What the loss of the packet bearer looks like. */
  readonly lost: RegExp;
  readonly powerOff: string;
}

/** What the modem said; throws unless it fits. */
function expect(said: string, pattern: RegExp): string {
  if (!pattern.test(said)) throw new Error(`expected ${pattern}, got ${JSON.stringify(said.slice(0, 300))}`);
  return said;
}

function transmit(bench: Bench, command: string, prompt: RegExp, payload: string, done: RegExp): void {
  expect(bench.command(command, 60), prompt);
  // u-blox loses what comes sooner.
  bench.time.run(50);
  bench.send(payload);
  let said = "";
  for (let waited = 0; waited < 60_000 && !done.test(said); waited += 100) said += bench.said(100);
  expect(said, done);
}

/** The bytes behind a line that counts them in its first group. */
function counted(said: string, head: RegExp): string {
  const match = head.exec(said);
  if (!match) return "";
  const start = match.index + match[0].length;
  return said.slice(start, start + Number(match[1]));
}

/** Long enough for 1500 bytes at 115,200 bit/s. */
const READ_TIME = 170;

const simcom76: Dialogue = {
  prepare(bench) {
    expect(bench.command("AT+CIPRXGET=1"), /OK/);
    expect(bench.command("AT+NETOPEN", 5000), /\+NETOPEN: 0/);
  },
  connect: (bench, host, port) => bench.command(`AT+CIPOPEN=0,"TCP","${host}",${port}`, 5000),
  connected: /^\r\nOK\r\n\r\n\+CIPOPEN: 0,0\r\n$/,
  unknownName: /\+CIPOPEN: 0,11\r\n$/,
  refused: /\+CIPOPEN: 0,1\r\n$/,
  largest: 1500,
  send: (bench, payload) =>
    transmit(bench, `AT+CIPSEND=0,${payload.length}`, /^\r\n>$/, payload, /\+CIPSEND: 0,(\d+),\1\r\n/),
  receive: (bench) => counted(bench.command("AT+CIPRXGET=2,0,1500", READ_TIME), /\+CIPRXGET: 2,0,(\d+),\d+\r\n/),
  announced: /\+CIPRXGET: 1,0\r\n/,
  closed: /\+IPCLOSE: 0,1\r\n$/,
  lost: /\+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY\r\n$/,
  powerOff: "AT+CPOF",
};

const multiLinks: Dialogue = {
  prepare(bench) {
    expect(bench.command("AT+CIPSHUT", 3000), /SHUT OK/);
    for (const setting of ["CIPMUX", "CIPQSEND", "CIPRXGET"]) expect(bench.command(`AT+${setting}=1`), /OK/);
    expect(bench.command('AT+CSTT="internet","",""'), /OK/);
    expect(bench.command("AT+CIICR", 5000), /OK/);
    expect(bench.command("AT+CIFSR"), /^\r\n[\d.]+\r\n$/);
  },
  connect: (bench, host, port) => bench.command(`AT+CIPSTART=1,"TCP","${host}",${port}`, 10_000),
  connected: /^\r\nOK\r\n\r\n1, CONNECT OK\r\n$/,
  unknownName: /1, CONNECT FAIL\r\n$/,
  refused: /1, CONNECT FAIL\r\n$/,
  largest: 1460,
  send: (bench, payload) =>
    transmit(bench, `AT+CIPSEND=1,${payload.length}`, /^\r\n>$/, payload, /DATA ACCEPT:1,\d+\r\n/),
  receive: (bench) => counted(bench.command("AT+CIPRXGET=2,1,1460", READ_TIME), /\+CIPRXGET: 2,1,(\d+),\d+\r\n/),
  announced: /\+CIPRXGET: 1,1\r\n/,
  closed: /1, CLOSED\r\n$/,
  lost: /\+PDP: DEACT\r\n$/,
  powerOff: "AT+CPOWD=1",
};

const ca: Dialogue = {
  prepare(bench) {
    expect(bench.command('AT+CNCFG=0,1,"internet"'), /OK/);
    expect(bench.command("AT+CNACT=0,1", 5000), /OK[\s\S]*\+APP PDP: 0,ACTIVE/);
  },
  connect: (bench, host, port) => bench.command(`AT+CAOPEN=0,0,"TCP","${host}",${port}`, 5000),
  connected: /^\r\n\+CAOPEN: 0,0\r\n\r\nOK\r\n$/,
  unknownName: /\+CAOPEN: 0,20\r\n\r\nOK/,
  refused: /\+CAOPEN: 0,23\r\n\r\nOK/,
  largest: 1460,
  send: (bench, payload) => transmit(bench, `AT+CASEND=0,${payload.length}`, /^\r\n>$/, payload, /OK\r\n/),
  receive: (bench) => counted(bench.command("AT+CARECV=0,1460", READ_TIME), /\+CARECV: (\d+),/),
  announced: /\+CADATAIND: 0\r\n/,
  closed: /\+CASTATE: 0,0\r\n$/,
  lost: /\+APP PDP: 0,DEACTIVE\r\n$/,
  powerOff: "AT+CPOWD=1",
};

const quectel: Dialogue = {
  prepare(bench) {
    bench.command('AT+QURCCFG="urcport","uart1"');
    expect(bench.command("AT+QISDE=0"), /OK/);
    expect(bench.command('AT+QICSGP=1,1,"internet","","",1'), /OK/);
    expect(bench.command("AT+QIACT=1", 5000), /OK/);
  },
  connect(bench, host, port) {
    bench.command("AT+QICLOSE=0,0");
    return bench.command(`AT+QIOPEN=1,0,"TCP","${host}",${port},0,0`, 5000);
  },
  connected: /^\r\nOK\r\n\r\n\+QIOPEN: 0,0\r\n$/,
  unknownName: /\+QIOPEN: 0,565\r\n$/,
  refused: /\+QIOPEN: 0,566\r\n$/,
  largest: 1460,
  send: (bench, payload) => transmit(bench, `AT+QISEND=0,${payload.length}`, /^\r\n>$/, payload, /SEND OK\r\n/),
  receive: (bench) => counted(bench.command("AT+QIRD=0,1500", READ_TIME), /\+QIRD: (\d+)\r\n/),
  announced: /\+QIURC: "recv",0\r\n/,
  closed: /\+QIURC: "closed",0\r\n$/,
  lost: /\+QIURC: "pdpdeact",1\r\n$/,
  powerOff: "AT+QPOWD=1",
};

/** `activate`: what R5 and U2 need besides the attach. */
function ublox(activate: (bench: Bench) => void): Dialogue {
  return {
    prepare: activate,
    connect(bench, host, port) {
      bench.command("AT+USOCL=0");
      expect(bench.command("AT+USOCR=6"), /\+USOCR: 0\r\n/);
      return bench.command(`AT+USOCO=0,"${host}",${port}`, 5000);
    },
    connected: /^\r\nOK\r\n$/,
    unknownName: /ERROR\r\n$/,
    refused: /ERROR\r\n$/,
    largest: 1024,
    send: (bench, payload) =>
      transmit(bench, `AT+USOWR=0,${payload.length}`, /^\r\n@$/, payload, /\+USOWR: 0,\d+\r\n\r\nOK\r\n/),
    receive: (bench) => counted(bench.command("AT+USORD=0,1024", READ_TIME), /\+USORD: 0,(\d+),"/),
    announced: /\+UUSORD: 0,\d+\r\n/,
    closed: /\+UUSOCL: 0\r\n$/,
    lost: /\+UUSOCL: 0\r\n\r\n\+UUPSDD: 0\r\n$/,
    powerOff: "AT+CPWROFF",
  };
}

const saraR4 = ublox(() => {});
const saraR5 = ublox((bench) => expect(bench.command("AT+UPSDA=0,3", 5000), /OK[\s\S]*\+UUPSDA: 0,"10\./));
const saraU2 = ublox((bench) => {
  expect(bench.command('AT+UPSD=0,1,"internet";+UPSD=0,7,"0.0.0.0"'), /OK/);
  expect(bench.command("AT+UPSDA=0,3", 5000), /OK/);
});

export const dialogues: Readonly<Record<string, Dialogue>> = {
  ...{ SIM7600: simcom76, A7670: simcom76, SIM800: multiLinks, SIM7000: multiLinks, SIM7070: ca, SIM7080: ca },
  ...{ BG95: quectel, BG96: quectel, EC21: quectel, EC25: quectel, EG91: quectel },
  ...{ "SARA-R4": saraR4, "SARA-R5": saraR5, "SARA-U2": saraU2 },
};

/** Lets the peer of the newest connection send, in pieces as a network would bring them. */
export function peerSends(bench: Bench, text: string): void {
  bench.internet.opened.at(-1)!.onData(toBytes(text));
}

/** A modem of this name with an address, ready for sockets. */
export function online(name: string, knobs: Partial<Knobs> = {}): Bench {
  const bench = new Bench({ knobs }, name).attached();
  dialogues[name]!.prepare(bench);
  return bench;
}
