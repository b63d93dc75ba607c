import { frozen } from "../../frozen.js";
import type { Commands } from "./answer.js";
import { integer } from "./command.js";
import { type Family, type FamilyRun, usual } from "./family.js";
import { gsmLink } from "./knobs.js";
import type { RunningModem } from "./running-modem.js";
import { MultiLinks } from "./sim800-links.js";
import { LinkSecurity } from "./sim800-ssl.js";
import { LegacyCommands } from "./simcom-legacy.js";

/** SIM800 AT manual V1.09, SIM800L hardware design V1.02: 2G only. It comes with autobaud, and is mute until the first AT. */
export const sim800: Family = frozen({
  ...usual,
  manufacturer: "SIMCOM_Ltd",
  model: "SIMCOM_SIM800L",
  revision: "1418B05SIM800L24",
  identification: ["SIM800 R14.18"],
  revisionPrefix: "Revision:",
  cardCommand: "+CCID",
  cardPrefix: "",
  pins: { keyOn: 1000, keyOff: 1500, gap: 800, reset: 105 },
  bootCodes: ["RDY", "+CFUN: 1"],
  readyCodes: ["Call Ready", "SMS Ready"],
  lte: false,
  knobs: { ...gsmLink, bootTime: 3000, connectTimeout: 75_000 },
  factory: { baud: 0, automaticTime: false },
  start(modem: RunningModem): FamilyRun {
    const security = new LinkSecurity(modem);
    const links = new MultiLinks(modem, { links: 6, largestRead: 1460, security: () => security.security() });
    const bearer = new Bearer(modem);
    const general = new LegacyCommands(modem, {
      savesTimeSetting: false,
      sleepsByItself: true,
      tellsTime: false,
      bearerOpen: () => bearer.open,
    });
    return {
      commands: { ...general.commands, ...security.commands, ...links.commands, ...bearer.commands },
      onDetached: () => {
        links.onDetached();
        bearer.onDetached();
      },
      onBooted: () => general.update(),
      update: () => general.update(),
    };
  },
});

/** SAPBR: the bearer of the applications inside the modem, of which this one has the time client only. */
class Bearer {
  open = false;
  readonly commands: Commands;
  readonly #modem: RunningModem;

  constructor(modem: RunningModem) {
    const { agenda, knobs, radio } = modem;
    this.#modem = modem;
    this.commands = {
      "+SAPBR": (command, answer) => {
        const action = integer(command, 0, 0, 4);
        if (action === 3) return answer.ok();
        if (action === 2) return answer.line(`+SAPBR: 1,${this.open ? 1 : 3},"${this.#address}"`).ok();
        if ((action !== 0 && action !== 1) || this.open === (action === 1)) return answer.cme(3);
        agenda.about(knobs.contextTime, () => {
          this.open = action === 1 && radio.attached;
          if (action === 1 && !this.open) answer.error();
          else answer.ok();
        });
      },
    };
  }

  get #address(): string {
    return (this.open && this.#modem.radio.address) || "0.0.0.0";
  }

  onDetached(): void {
    if (this.open) this.#modem.terminal.unsolicited("+SAPBR 1: DEACT");
    this.open = false;
  }
}
