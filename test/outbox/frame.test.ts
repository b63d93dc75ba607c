import assert from "node:assert/strict";
import {
  type BlockHeader,
  decodeCode,
  decodeHeader,
  encodeCode,
  encodeHeader,
  HEADER_LENGTH,
  recordCrc,
} from "../../firmware/outbox/frame.js";

const header: BlockHeader = { sequence: 0x01020304, firstRow: 5, committed: 4, evicted: 0xfffffffe, erases: 0x0a0b0c };

describe("outbox frame", () => {
  it("gives back every code", () => {
    for (let code = 0; code < 32; code++) assert.equal(decodeCode(encodeCode(code)), code);
  });

  it("takes no half-programmed state of a code, and neither blank nor zero, for a code", () => {
    for (let code = 0; code < 32; code++) {
      const byte = encodeCode(code);
      // Half programmed: some of the zeros are still ones.
      for (let extra = 1; extra < 256; extra++) if ((extra & byte) === 0) assert.equal(decodeCode(byte | extra), -1);
    }
    assert.equal(decodeCode(0xff), -1);
    assert.equal(decodeCode(0), -1);
  });

  it("writes the block header that FORMAT.md draws, and reads it back", () => {
    const bytes = new Uint8Array(HEADER_LENGTH);
    encodeHeader(header, bytes);
    const drawn = "510c0b0a 04030201 05000000 04000000 feffffff".replaceAll(" ", "");
    assert.equal(Buffer.from(bytes.subarray(0, 20)).toString("hex"), drawn);
    const read = { sequence: 0, firstRow: 0, committed: 0, evicted: 0, erases: 0 };
    assert.ok(decodeHeader(bytes, read));
    assert.deepEqual(read, header);
  });

  it("refuses a block header with any bit wrong", () => {
    const read = { ...header };
    for (let bit = 0; bit < 8 * HEADER_LENGTH; bit++) {
      const bytes = new Uint8Array(HEADER_LENGTH);
      encodeHeader(header, bytes);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      assert.equal(decodeHeader(bytes, read), false);
    }
  });

  it("binds a record's CRC to its code, its payload and the number of its row", () => {
    const record = Uint8Array.of(encodeCode(3), 0, 1, 2, 3);
    const crc = recordCrc(77, record, 0, 3);
    assert.notEqual(recordCrc(78, record, 0, 3), crc);
    assert.notEqual(recordCrc(77 + 0x01000000, record, 0, 3), crc);
    for (const at of [0, 2, 3, 4]) {
      const other = record.slice();
      other[at]! ^= 4;
      assert.notEqual(recordCrc(77, other, 0, 3), crc);
    }
  });
});
