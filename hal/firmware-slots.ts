import type { Flash } from "./flash.js";

/** Two places for firmware, of which one runs while the other takes an update. */
export interface FirmwareSlots {
  /** The image that runs, from offset 0 on; only to be read. */
  readonly running: Flash;
  /** Where an update is written, from offset 0 on. On probation it holds the way back. */
  readonly spare: Flash;
  /** The firmware that runs is new: a restart before `confirm` goes back to the one before. */
  readonly probation: boolean;
  /** Lets the image in `spare` run from the next restart on, on probation. Throws when it is none that can start here. */
  install(): void;
  /** Ends the probation: the firmware that runs stays. Gives false when that could not be stored. */
  confirm(): boolean;
  /** Restarts into the firmware before. Throws when there is none. */
  rollBack(): void;
}
