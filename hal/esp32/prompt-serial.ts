import type { SerialConstructor, SerialOptions } from "../serial.js";

/** Bytes that wait in the UART when it calls. */
const THRESHOLD = 1;

/**
 * The SDK's Serial, called at the first byte that comes. By itself it leaves the threshold as the chip has it: 96 of the
 * UART's 128 bytes, so that a turn may last only as long as 32 bytes take; in an emulator 0, which is a call at any time.
 */
export function promptSerial(
  io: SerialConstructor,
  setThreshold: (port: number, bytes: number) => void,
): SerialConstructor {
  return class extends io {
    constructor(options: SerialOptions) {
      super(options);
      setThreshold(Number(options.port), THRESHOLD);
    }
  };
}
