import { frozen } from "../frozen.js";
import type { ConnectOptions } from "../network.js";
import type { Command, Procedure } from "./command.js";
import type { Dialect } from "./dialect.js";
import { NO_POWER_SAVING, POWER_SAVING } from "./power-saving.js";
import { defineContext, INIT, isRadioOn, RADIO, RADIO_ON } from "./standard.js";

/* What a modem is told after each of its starts. */

/** What all families need. Gives whether the radio is on: operators let modems count their restarts, and refuse. */
export function* initialize(): Procedure<boolean> {
  let on = true;
  for (const command of INIT) {
    const ok = yield* insist(command);
    if (command === RADIO_ON) on = ok;
  }
  return on || isRadioOn(yield RADIO);
}
frozen(initialize);

/** What this one needs besides, before it looks for a network. */
export function* prepare(dialect: Dialect, { apn, user, password }: ConnectOptions): Procedure<undefined> {
  for (const command of dialect.init) yield* insist(command);
  yield* stayAwake(dialect);
  if (dialect.prepare) yield* dialect.prepare();
  if (dialect.attachesWithContext) yield* defineContext(apn);
  if (user !== undefined && dialect.authenticate) yield dialect.authenticate(user, password ?? "");
}
frozen(prepare);

/** Ends what an earlier rest has set, as that outlives restarts: PSM of the modem, sleep of the controller. */
function* stayAwake({ sleep, powerSaving }: Dialect): Procedure {
  yield* insist(sleep.never);
  if (powerSaving === "none") return;
  const { lines } = yield POWER_SAVING;
  if (lines.some((line) => line.startsWith("+CPSMS: 1"))) yield* insist(NO_POWER_SAVING);
}
frozen(stayAwake);

/** A setting that was lost on a noisy line would be missed for as long as the modem runs: tried three times. */
function* insist(command: Command): Procedure<boolean> {
  for (let i = 0; i < 3; i++) if ((yield command).ok) return true;
  return false;
}
frozen(insist);
