/** What a panel can give under some light: its maximum power point and its open-circuit voltage. Volts and amperes. */
export interface PanelPoint {
  readonly voltage: number;
  readonly current: number;
  readonly openVoltage: number;
}

/** Values at 1000 W/m2 and 25 degrees Celsius: 20 W, 36 cells, a usual panel for a home system. */
const OPEN_VOLTAGE = 21.6;
const CURRENT = 1.13;
const CELLS = 36;
/** Volts per cell and e-fold of light: ideality 1.2 times 25.7 mV. */
const THERMAL_VOLTAGE = 0.0308;
const OPEN_VOLTAGE_PER_KELVIN = -0.071;
const CURRENT_PER_KELVIN = 0.0005;
/** Maximum power voltage over open-circuit voltage. */
const POWER_RATIO = 0.82;
/** Cells run 25 K over the air at 800 W/m2 (nominal operating cell temperature 45). */
const KELVIN_PER_IRRADIANCE = 25 / 800;

/** The panel at `irradiance` W/m2 and air of `airTemperature` degrees Celsius. */
export function panelAt(irradiance: number, airTemperature: number): PanelPoint {
  const warmth = airTemperature + irradiance * KELVIN_PER_IRRADIANCE - 25;
  // The logarithm holds down to about 1 W/m2; below that the voltage fades with the light.
  const light = Math.max(irradiance, 1) / 1000;
  const fade = Math.min(irradiance, 1);
  const openVoltage =
    fade * (OPEN_VOLTAGE + CELLS * THERMAL_VOLTAGE * Math.log(light) + OPEN_VOLTAGE_PER_KELVIN * warmth);
  const current = CURRENT * (irradiance / 1000) * (1 + CURRENT_PER_KELVIN * warmth);
  return { voltage: POWER_RATIO * openVoltage, current, openVoltage };
}

/**
 * Where the panel works when only the share `power` (0 to 1) of what it could give is taken: the voltage climbs in a straight line
 * from the maximum power point to open circuit as the current falls.
 */
export function throttled(full: PanelPoint, power: number): PanelPoint {
  if (power >= 1) return full;
  const rise = 1 / POWER_RATIO - 1;
  // Solves share * (1 + rise * (1 - share)) = power.
  const share = (1 + rise - Math.sqrt((1 + rise) ** 2 - 4 * rise * power)) / (2 * rise);
  return {
    voltage: full.voltage * (1 + rise * (1 - share)),
    current: full.current * share,
    openVoltage: full.openVoltage,
  };
}
