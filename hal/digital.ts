/** An output pin (ECMA-419 Digital). 1 is "active" (load on, key pressed, supply on) whatever the polarity of the wiring. */
export interface DigitalOutput {
  write(value: 0 | 1): void;
}

/** A switch that is watched: tamper contact, overload signal. */
export interface DigitalInput {
  /** Name of the boolean variable that it feeds. */
  readonly variable: string;
  read(): 0 | 1;
  /** Set by the firmware; called after the value changed. */
  onChanged?: (() => void) | undefined;
}
