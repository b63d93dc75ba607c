import { frozen } from "../../frozen.js";
import type { ConnectOptions } from "../../network.js";
import { fields } from "../ascii.js";
import { type Command, type Procedure, pause } from "../command.js";
import type { Dialect, URC } from "../dialect.js";
import { closeStrays, QUICK, SOCKETS, socketTransport, socketURCs } from "./ublox-socket.js";
import { secured, tlsURCs } from "./ublox-tls.js";

/*
 * u-blox SARA-R4 (AT manual UBX-17003787 R09), SARA-R5 (Internet applications guide UBX-20032566 R05) and SARA-U2. They
 * differ in who opens the data connection: the attach (R4), or a profile that is mapped to context 1 (R5) or stands for
 * itself (U2). None of them says when it restarts.
 */

const PROFILE_OFF: Command = frozen({ text: "AT+UPSDA=0,4", timeout: 40_000 });
/** DNS fails for a moment after the connection was opened (SARA-R422). */
const SETTLE = 500;

const urcs: readonly URC[] = frozen([
  ...socketURCs,
  ...tlsURCs,
  { prefix: "+UUPSDD:", handle: (events) => events.networkLost() },
] satisfies URC[]);

/**
 * What all have in common; `asynchronous`: connecting and closing can go on by themselves; `sleep`: the mode of UPSV in which the
 * UART sleeps seconds after the last byte (R4: 6 s; R5, U2: 9 s).
 */
function common(asynchronous: boolean, sleep: 1 | 4) {
  // A parameter that is kept is a variable to Moddable's linker.
  const byItself = { text: `AT+UPSV=${sleep}`, timeout: QUICK };
  return {
    urcs,
    init: [{ text: "AT+CTZU=1", timeout: QUICK }],
    // With a reset of the SIM: what is left of the state goes.
    restart: { text: "AT+CFUN=16", timeout: QUICK },
    powerOff: { text: "AT+CPWROFF", timeout: 40_000 },
    sleep: { byItself, never: { text: "AT+UPSV=0", timeout: QUICK } },
    iccid: { text: "AT+CCID", timeout: QUICK, info: "+CCID:" },
    tcp: socketTransport({ asynchronous, ids: SOCKETS }),
    tls: socketTransport({ asynchronous, ...secured }),
  };
}

const r4 = frozen({
  // Data sheet R11, 4.2.8, and ubxlib's wait for the boot. Holding RESET is an emergency off; the key brings it back.
  power: { keyOn: 1_000, keyOff: 2_000, off: 10_000, reset: 10_500, boot: 12_000 },
  attachesWithContext: true,
  powerSaving: "after a restart" as const, // says ubxlib

  authenticate(user: string, password: string): Command {
    // The password stands first, on R4 only.
    return { text: `AT+UAUTHREQ=1,1,"${password}","${user}"`, timeout: QUICK, secret: true };
  },

  *openNetwork(): Procedure<string | undefined> {
    yield* closeStrays();
    if ((yield* contextAddress()) === undefined) yield { text: "AT+CGACT=1,1", timeout: 150_000 };
    yield pause(SETTLE);
    return yield* contextAddress();
  },

  *isNetworkOpen(): Procedure<boolean> {
    return !(yield* restarted()) && (yield* contextAddress()) !== undefined;
  },

  *closeNetwork(): Procedure {
    // The last context of an LTE modem stays; that is refused.
    yield { text: "AT+CGACT=0,1", timeout: 40_000 };
  },
});

const profile = frozen({
  *isNetworkOpen(): Procedure<boolean> {
    return !(yield* restarted()) && (yield* profileAddress()) !== undefined;
  },

  *closeNetwork(): Procedure {
    yield PROFILE_OFF;
  },
});

/** Up to R410M-01B, connecting holds the command line. */
export const saraR4Early: Dialect = frozen({
  ...common(false, 4),
  ...r4,
  name: "SARA-R404M",
  models: ["SARA-R404M", "SARA-R410M-01B"],
});

/** Later ones may lock up when it does. */
export const saraR4: Dialect = frozen({
  ...common(true, 4),
  ...r4,
  name: "SARA-R4",
  models: ["SARA-R4"],
});

export const saraR5: Dialect = frozen({
  ...common(true, 1),
  ...profile,
  name: "SARA-R5",
  models: ["SARA-R5"],
  powerSaving: "at once",
  // Data sheet R16, 4.2.9: 1 to 2 s on R510S, and ubxlib's 2 s for off.
  power: { keyOn: 1_500, keyOff: 2_000, off: 10_000, reset: 200, boot: 12_000 },
  attachesWithContext: true,

  authenticate(user: string, password: string): Command {
    return { text: `AT+UAUTHREQ=1,1,"${user}","${password}"`, timeout: QUICK, secret: true };
  },

  *openNetwork(): Procedure<string | undefined> {
    yield PROFILE_OFF;
    yield* closeStrays();
    yield { text: "AT+UPSD=0,0,0", timeout: QUICK }; // IPv4
    yield { text: "AT+UPSD=0,100,1", timeout: QUICK }; // context 1
    yield { text: "AT+UPSDA=0,3", timeout: 180_000, result: "+UUPSDA:" };
    yield pause(SETTLE);
    return yield* profileAddress();
  },
});

export const saraU2: Dialect = frozen({
  ...common(false, 1),
  ...profile,
  name: "SARA-U2",
  models: ["SARA-U2"],
  powerSaving: "none",
  // ubxlib: 10 ms on, 1.5 s off, 75 ms reset, 5 s to boot.
  power: { keyOn: 50, keyOff: 1_700, off: 5_000, reset: 100, boot: 8_000 },
  attachesWithContext: false,

  *openNetwork({ apn, user, password = "" }: ConnectOptions): Procedure<string | undefined> {
    yield PROFILE_OFF;
    yield* closeStrays();
    yield { text: `AT+UPSD=0,1,"${apn}"`, timeout: QUICK };
    // 0 = no authentication, 1 = PAP.
    yield { text: `AT+UPSD=0,6,${user === undefined ? 0 : 1}`, timeout: QUICK };
    if (user !== undefined) {
      yield { text: `AT+UPSD=0,2,"${user}"`, timeout: QUICK, secret: true };
      yield { text: `AT+UPSD=0,3,"${password}"`, timeout: QUICK, secret: true };
    }
    yield { text: 'AT+UPSD=0,7,"0.0.0.0"', timeout: QUICK }; // an address from the network
    yield { text: "AT+UPSDA=0,3", timeout: 180_000 };
    return yield* profileAddress();
  },
});

/** Whether the modem has lost the settings of our set-up: it restarted and did not say so. */
function* restarted(): Procedure<boolean> {
  const reply = yield { text: "AT+CMEE?", timeout: QUICK, info: "+CMEE:" };
  return reply.lines[0] !== undefined && fields(reply.lines[0])[0] !== "1";
}

/** From `+CGPADDR: 1,"<address>"`. */
function* contextAddress(): Procedure<string | undefined> {
  const reply = yield { text: "AT+CGPADDR=1", timeout: QUICK, info: "+CGPADDR: 1," };
  return given(fields(reply.lines[0] ?? "")[1]);
}

/** From `+UPSND: 0,0,"<address>"`. */
function* profileAddress(): Procedure<string | undefined> {
  const reply = yield { text: "AT+UPSND=0,0", timeout: QUICK, info: "+UPSND: 0,0," };
  return given(fields(reply.lines[0] ?? "")[2]);
}

function given(address: string | undefined): string | undefined {
  return address === "" || address === "0.0.0.0" ? undefined : address;
}

frozen([restarted, contextAddress, profileAddress]);
