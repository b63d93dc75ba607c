import { accept, type Commands } from "./answer.js";
import { clockText } from "./clock.js";
import { integer, quoted } from "./command.js";
import { REFERENCE_QUALITY, referencePower } from "./network-commands.js";
import type { RunningModem } from "./running-modem.js";
import { askTimeServer } from "./time-commands.js";

const TIME_DNS_ERROR = 565;
const TIME_BROKEN = 561;
/** SNR of 16 dB as QCSQ has it: fifths of dB from -20 dB. */
const RAW_NOISE_RATIO = 180;

/** Time, signal, byte counters, sleep and power off of Quectel modems. */
export function quectelCommands(modem: RunningModem): Commands {
  const { options, sleep } = modem;
  return {
    ...timeCommands(modem),
    ...counterCommands(modem),
    "+QCFG": accept,
    "+QNWINFO": (_, answer) => answer.line(`+QNWINFO: ${network(modem)}`).ok(),
    "+QSCLK": (command, answer) => {
      const mode = integer(command, 0, 0, 1);
      if (mode === undefined) return answer.error();
      sleep.set(mode === 1 ? "pin" : "never");
      answer.ok();
    },
    "+QPOWD": (_, answer) => {
      answer.ok();
      options.onPowerDown();
    },
  };
}

/** QLTS tells the time of the network, whatever the clock was set to; QNTP sets the clock. */
function timeCommands(modem: RunningModem): Commands {
  const { options } = modem;
  let told: { ahead: number; zone: number } | undefined;
  const onTime = modem.onTime;
  modem.onTime = (time, zone) => {
    told = { ahead: time - options.ticks() / 1000, zone };
    onTime(time, zone);
  };
  return {
    "+QLTS": (command, answer) => {
      const mode = command.form === "run" ? 0 : integer(command, 0, 0, 2);
      if (mode === undefined) return answer.error();
      if (!told) return answer.line('+QLTS: ""').ok();
      const now = Math.floor(told.ahead + options.ticks() / 1000);
      const local = clockText(now, mode === 1 ? 0 : told.zone).slice(0, 17);
      const zone = clockText(now, told.zone).slice(17);
      answer.line(`+QLTS: "20${local}${zone},0"`).ok();
    },
    "+QNTP": (command, answer) => {
      const host = quoted(command, 1);
      if (integer(command, 0, 1, 7) === undefined || host === undefined) return answer.error();
      askTimeServer(modem, answer, host, {
        zone: modem.clock.zone,
        ok: () => `+QNTP: 0,"20${clockText(modem.clock.time, modem.clock.zone)}"`,
        dns: `+QNTP: ${TIME_DNS_ERROR}`,
        network: `+QNTP: ${TIME_BROKEN}`,
      });
    },
  };
}

/** QGDCNT: bytes since the last reset, those of earlier runs included as far as they were saved. */
function counterCommands(modem: RunningModem): Commands {
  const { memory, options, agenda } = modem;
  const { meter } = options;
  let origin = { sent: meter.sent - memory.counted.sent, received: meter.received - memory.counted.received };
  let interval = 0;
  const count = () => ({ sent: meter.sent - origin.sent, received: meter.received - origin.received });
  const save = () => {
    memory.counted = count();
  };
  const saveInTurn = (seconds: number) => {
    agenda.after(seconds * 1000, () => {
      if (interval !== seconds) return;
      save();
      saveInTurn(seconds);
    });
  };
  return {
    "+QGDCNT": (command, answer) => {
      const { sent, received } = count();
      if (command.form === "read") return answer.line(`+QGDCNT: ${sent},${received}`).ok();
      const action = integer(command, 0, 0, 1);
      if (action === undefined) return answer.error();
      if (action === 0) origin = { sent: meter.sent, received: meter.received };
      save();
      answer.ok();
    },
    "+QAUGDCNT": (command, answer) => {
      if (command.form === "read") return answer.line(`+QAUGDCNT: ${interval}`).ok();
      const seconds = integer(command, 0, 0, 65535);
      if (seconds === undefined) return answer.error();
      interval = seconds;
      if (seconds > 0) saveInTurn(seconds);
      answer.ok();
    },
  };
}

/** BG9x: QCSQ with RSSI, RSRP, SNR and RSRQ. `lteName`: "eMTC" on BG96, "CAT-M1" on BG95. */
export function signalCommands(modem: RunningModem, lteName: string): Commands {
  const { radio, knobs } = modem;
  return {
    "+QCSQ": (_, answer) => {
      if (!radio.registered) return answer.line('+QCSQ: "NOSERVICE"').ok();
      if (knobs.technology !== "LTE") return answer.line(`+QCSQ: "GSM",${knobs.signal}`).ok();
      const levels = `${knobs.signal},${referencePower(modem)},${RAW_NOISE_RATIO},${REFERENCE_QUALITY}`;
      answer.line(`+QCSQ: "${lteName}",${levels}`).ok();
    },
  };
}

function network({ radio, knobs }: RunningModem): string {
  if (!radio.registered) return "No Service";
  if (knobs.technology === "LTE") return '"FDD LTE","26201","LTE BAND 3",1300';
  return knobs.technology === "UMTS" ? '"WCDMA","26201","WCDMA 2100",10700' : '"EDGE","26201","GSM 900",27';
}
