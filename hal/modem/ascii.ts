/** Text of a modem line: printable ASCII only. */
export function toText(bytes: Uint8Array): string {
  let text = "";
  // In pieces: the arguments of one call live on the engine's small stack.
  for (let i = 0; i < bytes.length; i += 16) text += String.fromCharCode(...bytes.subarray(i, i + 16));
  return text;
}

export function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/**
 * The arguments of an information line: after the first colon, split at commas outside quotes, quotes removed.
 * An unbalanced quote runs to the end of the line, as some firmware sends it.
 */
export function fields(line: string): string[] {
  const result: string[] = [];
  let quoted = false;
  let field = "";
  for (let i = line.indexOf(":") + 1; i < line.length; i++) {
    const c = line[i]!;
    if (c === '"') quoted = !quoted;
    else if (c !== "," || quoted) field += c;
    else {
      result.push(field.trim());
      field = "";
    }
  }
  result.push(field.trim());
  return result;
}

/** Argument `index` of an information line as an integer; NaN when it is none. */
export function integer(line: string, index: number): number {
  return Number(fields(line)[index] || Number.NaN);
}

/** Whether `text` can stand between quotes in a command: printable ASCII, no quote, 1 to `maximum` characters. */
export function isQuotable(text: unknown, maximum: number): text is string {
  if (typeof text !== "string" || text.length === 0 || text.length > maximum) return false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x20 || c > 0x7e || c === 0x22) return false;
  }
  return true;
}
