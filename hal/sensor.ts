/** A reading or a variable's value. gps is [longitude, latitude] in degrees. Absent readings are undefined. */
export type Value = number | string | boolean | readonly [longitude: number, latitude: number] | undefined;

/** What a sensor measured, by variable name. Voltages in mV, currents in mA, temperatures in 0.1 degrees Celsius. */
export type Sample = Record<string, Value>;

/** ECMA-419 Sensor class pattern, the part the firmware needs. A failed reading is undefined or a missing property. */
export interface Sensor {
  sample(): Sample | undefined;
  close?(): void;
}
