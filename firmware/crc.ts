/** CRC-8 of 4 bits, polynomial 0x2F (AUTOSAR): finds any 3 wrong bits in up to 119 bits of data. */
const CRC8 = Object.freeze([
  0x00, 0x2f, 0x5e, 0x71, 0xbc, 0x93, 0xe2, 0xcd, 0x57, 0x78, 0x09, 0x26, 0xeb, 0xc4, 0xb5, 0x9a,
]);

/** CRC-32 of 4 bits, reflected polynomial 0xEDB88320 (ISO-HDLC, as in zip). */
const CRC32 = Object.freeze([
  0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, 0xedb88320,
  0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
]);

/** CRC-8/AUTOSAR over one more byte, without its final inversion; starts with 0xFF. */
export function crc8(crc: number, byte: number): number {
  crc ^= byte & 0xff;
  crc = ((crc << 4) & 0xff) ^ CRC8[crc >> 4]!;
  return ((crc << 4) & 0xff) ^ CRC8[crc >> 4]!;
}

/** CRC-32/ISO-HDLC of `bytes` from `start` to `end`, as an unsigned integer. */
export function crc32(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1;
  for (let i = start; i < end; i++) {
    crc ^= bytes[i]!;
    crc = (crc >>> 4) ^ CRC32[crc & 15]!;
    crc = (crc >>> 4) ^ CRC32[crc & 15]!;
  }
  return ~crc >>> 0;
}
