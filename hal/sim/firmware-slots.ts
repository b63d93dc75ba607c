import type { FirmwareSlots } from "../firmware-slots.js";
import type { Flash } from "../flash.js";
import type { KeyValue } from "../key-value.js";

/** What an image of the ESP32 begins with. */
const MAGIC = 0xe9;

/** What the bootloader remembers: which slot is next, and whether the firmware there is new or on probation. */
type Stage = "kept" | "new" | "probation";
const STAGES: readonly Stage[] = Object.freeze(["kept", "new", "probation"] as const);
const KEY = "bootloader";

/**
 * Two slots and a bootloader with rollback as ESP-IDF has it: new firmware that restarts before it is confirmed was its last
 * start. The slots hold bytes; what runs in a simulation is always the same firmware.
 */
export class SimulatedSlots {
  readonly #slots: readonly [Flash, Flash];
  readonly #keyValue: KeyValue;

  /** `keyValue` keeps one byte under "bootloader". */
  constructor(options: { slots: readonly [Flash, Flash]; keyValue: KeyValue }) {
    this.#slots = options.slots;
    this.#keyValue = options.keyValue;
  }

  /** What the bootloader does at each start; gives the slots as the firmware sees them. `restart`: for the way back. */
  start(restart: () => void): FirmwareSlots {
    let [slot, stage] = this.#load();
    if (stage === "probation") {
      [slot, stage] = [1 - slot, "kept"];
      this.#save(slot, stage);
    } else if (stage === "new") {
      stage = "probation";
      this.#save(slot, stage);
    }
    const running = this.#slots[slot]!;
    const spare = this.#slots[1 - slot]!;
    return {
      running,
      spare,
      get probation() {
        return stage === "probation";
      },
      install: () => {
        checkImage(spare);
        this.#save(1 - slot, "new");
      },
      confirm: () => {
        stage = "kept";
        this.#save(slot, stage);
        return true;
      },
      rollBack: () => {
        this.#save(1 - slot, "kept");
        restart();
      },
    };
  }

  #load(): [slot: number, stage: Stage] {
    const value = new Uint8Array(this.#keyValue.read(KEY) ?? [0])[0]!;
    return [value & 1, STAGES[value >> 1]!];
  }

  #save(slot: number, stage: Stage): void {
    this.#keyValue.write(KEY, Uint8Array.of(slot | (STAGES.indexOf(stage) << 1)));
  }
}

function checkImage(slot: Flash): void {
  const first = new Uint8Array(1);
  slot.read(first, 0);
  if (first[0] !== MAGIC) throw new Error(`no firmware image: it begins with ${first[0]}, expected ${MAGIC}`);
}
