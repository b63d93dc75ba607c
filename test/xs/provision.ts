/** What a distributor sets on the device under test. */
export const SERIAL_NUMBER = "XS-0001";
export const SECRET_KEY = "dac86b1a29ab82edc5fbbc41ec9530f6";
export const SERVER = "metrics.example";

export const PROVISION: readonly (readonly [name: string, value: string])[] = [
  ["serial_number", SERIAL_NUMBER],
  ["secret_key", SECRET_KEY],
  ["base_url", `http://${SERVER}`],
  ["activation", "active_until"],
];

/** UARTs and pins of the device under test. */
export const CONSOLE_PORT = 0;
export const MODEM_PORT = 1;
export const PINS = { relay: 4, tamper: 5, modemKey: 10, modemReset: 11, modemSupply: 12 } as const;
