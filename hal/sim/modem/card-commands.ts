import type { Answer, Commands } from "./answer.js";
import { quoted } from "./command.js";
import type { RunningModem } from "./running-modem.js";

/** The SIM card: 27.007 5.7 and 8.3, and the family's command for the number of the card. */
export function cardCommands(modem: RunningModem): Commands {
  const { cardCommand, cardPrefix } = modem.options.family;
  return {
    "+CIMI": (_, answer) => withSim(modem, answer, () => answer.line(modem.sim.imsi).ok()),
    [cardCommand]: (_, answer) => withCard(modem, answer, () => answer.line(`${cardPrefix}${modem.sim.iccid}`).ok()),
    "+CPIN": (command, answer) => {
      if (command.form === "read") {
        withCard(modem, answer, () => answer.line(`+CPIN: ${modem.sim.state}`).ok());
      } else {
        withCard(modem, answer, () => enterPin(modem, answer, quoted(command, 0), quoted(command, 1)));
      }
    },
  };
}

/** Runs `action` when there is a card and it was read. */
function withCard(modem: RunningModem, answer: Answer, action: () => undefined): undefined {
  if (modem.sim.state === "NOT INSERTED") answer.cme(10);
  else if (!modem.simReady) answer.cme(modem.options.family.cardBusy);
  else action();
}

/** Runs `action` when the card is unlocked too. */
function withSim(modem: RunningModem, answer: Answer, action: () => undefined): undefined {
  withCard(modem, answer, () => {
    if (modem.sim.state === "SIM PIN") answer.cme(11);
    else if (modem.sim.state === "SIM PUK") answer.cme(12);
    else action();
  });
}

function enterPin(
  modem: RunningModem,
  answer: Answer,
  code: string | undefined,
  newPin: string | undefined,
): undefined {
  const { sim } = modem;
  if (code === undefined) answer.cme(50);
  else if (sim.state === "READY") answer.cme(3);
  else if (sim.state === "SIM PUK" && newPin === undefined) answer.cme(12);
  else if (sim.state === "SIM PUK" ? sim.enterPuk(code, newPin ?? "") : sim.enterPin(code)) {
    answer.ok();
    modem.unlocked();
  } else answer.cme(16);
}
