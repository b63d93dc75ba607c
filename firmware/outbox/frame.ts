import { crc8, crc32 } from "../crc.js";
import type { Form } from "../telemetry/record.js";
import { getUint32, putUint32 } from "./bytes.js";

/*
 * What lies in a block, drawn in full in FORMAT.md:
 *
 *     block header   0  version marker 0x51    1  erase count: 24
 *                    4  block sequence: 32     8  number of its first row: 32
 *                   12  rows committed: 32    16  rows evicted: 32             20  CRC-32 of 0 to 19
 *     record         0  code: 5, zero bits in code: 3      1  CRC-8      2  payload, 0 to 14 bytes
 *     code           0 commit, 16 mark (payload: row number, 32 bits); otherwise a part of a row:
 *                    bit 4 the row's form, bits 0 to 3: 1 to 14 bytes that end the row, 15: 14 bytes and more follows
 *
 * All integers are little-endian. The CRC-8 runs over the row number (32 bits), byte 0 and the payload.
 *
 * A program operation that is cut leaves ones where zeros were meant, never the reverse. Byte 0 is programmed last, alone;
 * its count of zero bits (a Berger code) makes every half-programmed state of it invalid. So no cut can forge a record.
 */
export const VERSION_MARKER = 0x51;
export const HEADER_LENGTH = 24;
/** Records do not cross a segment's end; each segment starts with a mark and a row that needs no earlier one. */
export const SEGMENT_LENGTH = 512;
export const PREFIX_LENGTH = 2;
export const MAX_PART = 14;
export const MAX_RECORD = PREFIX_LENGTH + MAX_PART;
/** Bytes of the longest row: what the shortest segment takes in parts, whatever the write alignment. */
export const MAX_ROW = 400;

export const COMMIT = 0;
export const MARK = 16;
const MORE = 15;

export interface BlockHeader {
  sequence: number;
  firstRow: number;
  committed: number;
  evicted: number;
  erases: number;
}

export function encodeHeader(header: BlockHeader, bytes: Uint8Array): void {
  putUint32(bytes, 0, header.erases << 8);
  bytes[0] = VERSION_MARKER;
  putUint32(bytes, 4, header.sequence);
  putUint32(bytes, 8, header.firstRow);
  putUint32(bytes, 12, header.committed);
  putUint32(bytes, 16, header.evicted);
  putUint32(bytes, 20, crc32(bytes, 0, 20));
}

/** False when `bytes` are no block header of this version. */
export function decodeHeader(bytes: Uint8Array, header: BlockHeader): boolean {
  if (bytes[0] !== VERSION_MARKER || crc32(bytes, 0, 20) !== getUint32(bytes, 20)) return false;
  header.erases = getUint32(bytes, 0) >>> 8;
  header.sequence = getUint32(bytes, 4);
  header.firstRow = getUint32(bytes, 8);
  header.committed = getUint32(bytes, 12);
  header.evicted = getUint32(bytes, 16);
  return true;
}

/** Code of the part of a row that has `left` bytes to go. */
export function rowCode(form: Form, left: number): number {
  return (form << 4) | (left > MAX_PART ? MORE : left);
}

export function isRow(code: number): boolean {
  return (code & 15) !== 0;
}

export function formOf(code: number): Form {
  return code >> 4 === 0 ? 0 : 1;
}

export function endsRow(code: number): boolean {
  return (code & 15) !== MORE;
}

export function payloadLength(code: number): number {
  const length = code & 15;
  return length === 0 ? 4 : Math.min(length, MAX_PART);
}

/** Byte 0 of a record. */
export function encodeCode(code: number): number {
  return (code << 3) | zeroBits(code);
}

/** -1 for a byte that is blank, half programmed or corrupt. */
export function decodeCode(byte: number): number {
  const code = byte >> 3;
  return zeroBits(code) === (byte & 7) ? code : -1;
}

/** CRC-8 of the record at `at`; `row` is the number of the row it holds, or of the next row. */
export function recordCrc(row: number, bytes: Uint8Array, at: number, payload: number): number {
  let crc = 0xff;
  for (let shift = 0; shift < 32; shift += 8) crc = crc8(crc, row >>> shift);
  crc = crc8(crc, bytes[at]!);
  for (let i = 0; i < payload; i++) crc = crc8(crc, bytes[at + PREFIX_LENGTH + i]!);
  return crc;
}

/** Offset of the end of the segment that `offset` lies in. */
export function segmentEnd(offset: number): number {
  return offset - (offset % SEGMENT_LENGTH) + SEGMENT_LENGTH;
}

function zeroBits(code: number): number {
  let zeros = 5;
  for (let rest = code; rest > 0; rest &= rest - 1) zeros--;
  return zeros;
}
