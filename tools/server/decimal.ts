/** Exact decimal arithmetic, so that 13124 times 0.001 is 13.124 and not 13.124000000000001. */
interface Decimal {
  readonly digits: bigint;
  /** The value is digits / 10^places. */
  readonly places: number;
}

/** The product of two JSON numbers, in plain decimal without trailing zeros. */
export function multiplyDecimal(a: string, b: string): string {
  const x = parse(a);
  const y = parse(b);
  return format({ digits: x.digits * y.digits, places: x.places + y.places });
}

function parse(text: string): Decimal {
  const match = /^(-?\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) throw new TypeError(`not a JSON number: ${text}`);
  const [, whole = "", fraction = "", exponent = "0"] = match;
  return { digits: BigInt(whole + fraction), places: fraction.length - Number(exponent) };
}

function format({ digits, places }: Decimal): string {
  if (places <= 0) return String(digits * 10n ** BigInt(-places));
  const sign = digits < 0n ? "-" : "";
  const text = String(digits < 0n ? -digits : digits).padStart(places + 1, "0");
  const fraction = text.slice(-places).replace(/0+$/, "");
  return `${sign}${text.slice(0, -places)}${fraction === "" ? "" : `.${fraction}`}`;
}
