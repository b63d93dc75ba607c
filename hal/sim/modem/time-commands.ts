import type { Answer, Commands } from "./answer.js";
import { clockText, parseClock, zoneText } from "./clock.js";
import { integer, quoted } from "./command.js";
import type { RunningModem } from "./running-modem.js";

/** Clock and time zone: 27.007 8.15, 8.40, 8.41. CTZU is kept at once. */
export function timeCommands(modem: RunningModem): Commands {
  const { memory, clock, terminal } = modem;
  let reports = 0;
  modem.onTime = (time, zone) => {
    if (reports === 1) terminal.unsolicited(`+CTZV: "${zoneText(zone)}"`);
    else if (reports === 2) terminal.unsolicited(`+CTZE: "${zoneText(zone)}",0,"20${clockText(time, 0).slice(0, 17)}"`);
  };
  return {
    "+CTZU": (command, answer) => {
      if (command.form === "read") return answer.line(`+CTZU: ${memory.automaticTime ? 1 : 0}`).ok();
      const on = integer(command, 0, 0, 3);
      if (on === undefined) return answer.cme(50);
      memory.automaticTime = on > 0;
      answer.ok();
    },
    "+CTZR": (command, answer) => {
      if (command.form === "read") return answer.line(`+CTZR: ${reports}`).ok();
      const mode = integer(command, 0, 0, 2);
      if (mode === undefined) return answer.cme(50);
      reports = mode;
      answer.ok();
    },
    "+CCLK": (command, answer) => {
      if (command.form === "read") return answer.line(`+CCLK: "${clockText(clock.time, clock.zone)}"`).ok();
      const set = parseClock(quoted(command, 0) ?? "");
      if (!set) return answer.cme(50);
      clock.set(set.time, set.zone);
      answer.ok();
    },
  };
}

/** How a family says what came of asking a time server. */
export interface TimeResults {
  readonly zone: number;
  ok(): string;
  readonly dns: string;
  readonly network: string;
}

/** Asks the time server `host` (NTP) and sets the clock by it; OK comes at once, the result later. */
export function askTimeServer(modem: RunningModem, answer: Answer, host: string, results: TimeResults): undefined {
  const { agenda, knobs, air, radio, clock, options } = modem;
  modem.answerLater(answer, (report) => {
    if (!radio.reachable) return void agenda.about(knobs.latency, () => report(results.network));
    air.resolve(host, (address) => {
      if (address === undefined) return report(results.dns);
      options.meter.askedTime();
      agenda.about(knobs.latency, () => {
        clock.set(options.time(), results.zone);
        report(results.ok());
      });
    });
  });
}
