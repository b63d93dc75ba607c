/** First byte of a certificate in DER; PEM is text. */
const DER_SEQUENCE = 0x30;

/** The name a certificate is stored by in a modem: made from its contents, so that it is stored once. */
export function certificateName(ca: Uint8Array): string {
  return `ca-${checksum(ca).toString(16)}.${ca[0] === DER_SEQUENCE ? "der" : "pem"}`;
}

/** FNV-1a, 32 bits: tells certificates apart, no more. */
function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
