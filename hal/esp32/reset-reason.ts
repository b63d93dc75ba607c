/** By `esp_reset_reason_t` of ESP-IDF. */
const REASONS: readonly string[] = Object.freeze([
  "unknown",
  "power",
  "reset pin",
  "software",
  "panic",
  "interrupt watchdog",
  "watchdog",
  "watchdog",
  "deep sleep",
  "brownout",
  "SDIO",
  "USB",
  "JTAG",
  "eFuse error",
  "power glitch",
  "CPU lockup",
]);

/** The cause of the last reset in words. */
export function resetReason(code: number): string {
  return REASONS[code] ?? `code ${code}`;
}
