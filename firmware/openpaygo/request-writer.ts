import { frozen } from "../../hal/frozen.js";
import type { Value } from "../../hal/sensor.js";
import type { Row, RowSource } from "../telemetry/row.js";
import { type Counters, Signer, sentCounters } from "./auth.js";
import { CborEncoder } from "./cbor.js";
import { writeDataFormat } from "./data-format.js";
import { type Encoder, isPresent } from "./encoder.js";
import { JsonEncoder } from "./json.js";
import type { RequestOptions, WrittenRequest } from "./request.js";
import { RowTime } from "./row-time.js";
import { RowWriter, writeData } from "./row-writer.js";
import { ByteWriter } from "./text.js";

/** Members of a Device Request Object, by their short names. */
type Member = "sn" | "ts" | "rc" | "dct" | "df" | "dfo" | "d" | "hd" | "acc" | "a";

const LONG_NAMES: Readonly<Record<Member, string>> = frozen({
  sn: "serial_number",
  ts: "timestamp",
  rc: "request_count",
  dct: "data_collection_timestamp",
  df: "data_format_id",
  dfo: "data_format",
  d: "data",
  hd: "historical_data",
  acc: "accessories",
  a: "auth",
});

// Orders of the members: JSON ends with what is known last; CBOR is held to the order of `compareKeys`.
const JSON_ORDER: readonly Member[] = frozen(["sn", "ts", "rc", "dct", "df", "dfo", "d", "hd", "acc", "a"]);
const CBOR_CONDENSED: readonly Member[] = frozen(["a", "d", "df", "hd", "rc", "sn", "ts", "acc", "dct", "dfo"]);
const CBOR_SIMPLE: readonly Member[] = frozen(["a", "d", "ts", "acc", "dfo", "rc", "sn", "df", "hd", "dct"]);

/** As long as a signature can be: the method and 16 digits. */
const LONGEST_SIGNATURE = "ra0123456789abcdef";

/** What may still follow the rows of a list: the bracket of JSON, or a longer head of CBOR. */
const LIST_END = 4;

/** Writes one request, member by member. Options are checked by `writeRequest`. */
export class RequestWriter {
  readonly #options: RequestOptions;
  readonly #sent: Counters;
  /** Names of `options.data` whose value is present. */
  readonly #names: readonly string[];
  readonly #writer: ByteWriter;
  readonly #encoder: Encoder;
  readonly #signer: Signer | undefined;
  /** Writes what is signed where the body is not the text that is signed. */
  readonly #text: JsonEncoder | undefined;
  #signature = LONGEST_SIGNATURE;
  #signatureStart = 0;
  #signatureEnd = 0;
  #rows = 0;
  #position: number;
  #stop: WrittenRequest["stop"] = "end";

  constructor(buffer: Uint8Array, options: RequestOptions) {
    const { auth, key, serialNumber, data, rows, paddedHash = false } = options;
    this.#options = options;
    this.#sent = sentCounters(auth, options);
    this.#names = data ? Object.keys(data).filter((name) => isPresent(data[name])) : [];
    this.#position = rows?.position ?? 0;
    this.#writer = new ByteWriter(buffer);
    const json = options.encoding === "json";
    this.#encoder = json ? new JsonEncoder(this.#writer) : new CborEncoder(this.#writer);
    if (auth === undefined) return;
    this.#signer = new Signer(auth, key!, serialNumber, this.#sent, paddedHash);
    if (!json && this.#signer.coversData) this.#text = new JsonEncoder(this.#signer.text);
  }

  write(): WrittenRequest {
    const { rows } = this.#options;
    const start = this.#position;
    const members = this.#order().filter((member) => this.#has(member));
    if (this.#names.length === 0) this.#signer?.noData();
    this.#encoder.beginMap(members.length);
    members.forEach((member, index) => {
      if (member === "hd") this.#writeRows(rows!, members.slice(index + 1));
      else this.#writeMember(member);
    });
    this.#encoder.endMap();
    const sent = this.#sent;
    if (this.#writer.overflowed) return { length: 0, rows: 0, position: start, stop: "limit", sent };
    if (this.#signer) this.#fillSignature(this.#signer.end());
    return { length: this.#writer.position, rows: this.#rows, position: this.#position, stop: this.#stop, sent };
  }

  #order(): readonly Member[] {
    if (this.#options.encoding === "json") return JSON_ORDER;
    return this.#options.form === "condensed" ? CBOR_CONDENSED : CBOR_SIMPLE;
  }

  #has(member: Member): boolean {
    const { rows, embedFormat, accessories } = this.#options;
    if (member === "hd") return rows !== undefined;
    // Data or history must be there.
    if (member === "d") return this.#names.length > 0 || rows === undefined;
    if (member === "dfo") return embedFormat === true;
    if (member === "acc") return accessories !== undefined;
    return this.#scalar(member) !== undefined;
  }

  #scalar(member: Member): Value {
    const { serialNumber, dataCollectionTimestamp, formatId } = this.#options;
    if (member === "sn") return serialNumber;
    if (member === "ts") return this.#sent.timestamp;
    if (member === "rc") return this.#sent.requestCount;
    if (member === "dct") return dataCollectionTimestamp;
    if (member === "df") return formatId;
    return this.#signer && this.#signature;
  }

  #writeMember(member: Member): void {
    const start = this.#writer.position;
    this.#encoder.key(this.#options.form === "condensed" ? member : LONG_NAMES[member]);
    if (member === "d") this.#writeSignedData();
    else if (member === "dfo") writeDataFormat(this.#encoder, this.#options.format);
    else if (member === "acc") this.#writeAccessories(this.#options.accessories!);
    else this.#encoder.value(this.#scalar(member));
    if (member === "a") {
      this.#signatureStart = start;
      this.#signatureEnd = this.#writer.position;
    }
  }

  #writeSignedData(): void {
    const start = this.#writer.position;
    this.#writeData(this.#encoder);
    if (this.#names.length === 0 || !this.#signer) return;
    this.#signer.beginData();
    if (this.#text) this.#writeData(this.#text);
    else if (this.#signer.coversData) this.#signer.update(this.#writer.bytes, start, this.#writer.position);
    this.#signer.endData();
  }

  #writeData(encoder: Encoder): void {
    const { data = {}, form, format } = this.#options;
    const order = form === "condensed" || this.#names.length === 0 ? format.data_order : undefined;
    writeData(encoder, data, this.#names, order);
  }

  #writeAccessories(accessories: readonly Uint8Array[]): void {
    this.#encoder.beginArray(accessories.length);
    for (const request of accessories) this.#encoder.encoded(request);
    this.#encoder.endArray();
  }

  /** Rows, as long as they leave room for the members that follow. */
  #writeRows(source: RowSource, following: readonly Member[]): void {
    const writer = this.#writer;
    const limit = writer.limit;
    writer.limit -= this.#measure(following) + LIST_END;
    this.#encoder.key(this.#options.form === "condensed" ? "hd" : LONG_NAMES.hd);
    const place = this.#encoder.beginList();
    this.#stop = writer.overflowed ? "end" : this.#fillRows(source);
    writer.limit = limit;
    this.#encoder.endList(place, this.#rows);
  }

  /** Bytes of members and the end of the request, by writing them and taking them back. */
  #measure(members: readonly Member[]): number {
    const writer = this.#writer;
    const start = writer.position;
    for (const member of members) this.#writeMember(member);
    this.#encoder.endMap();
    const size = writer.overflowed ? writer.limit : writer.position - start;
    writer.rewind(start);
    return size;
  }

  #fillRows(source: RowSource): WrittenRequest["stop"] {
    const rowWriter = this.#rowWriter();
    const row: Row = { format: 0, boot: 0, time: 0, values: [] };
    const encoder = this.#encoder;
    for (;;) {
      this.#position = source.position;
      if (!source.next(row)) return "end";
      if (row.format !== this.#options.formatNumber) return "format";
      if (!rowWriter.load(row, encoder)) return "time";
      const start = this.#writer.position;
      rowWriter.write(encoder);
      if (this.#writer.overflowed) {
        this.#writer.rewind(start);
        return "limit";
      }
      this.#signRow(rowWriter, start);
      this.#rows++;
    }
  }

  #rowWriter(): RowWriter {
    const { form, format, timestamp, uptime, resolveTime, resolveUptime } = this.#options;
    const interval = format.historical_data_interval;
    const explicit = form === "simple";
    const time = new RowTime({ interval, explicit, now: timestamp, uptime, resolveTime, resolveUptime });
    return new RowWriter(format, form, time);
  }

  #signRow(rowWriter: RowWriter, start: number): void {
    const signer = this.#signer;
    if (!signer?.coversData) return;
    signer.beginRow();
    if (this.#text) {
      this.#text.restart();
      rowWriter.write(this.#text);
    } else {
      const comma = this.#rows > 0 ? 1 : 0;
      signer.update(this.#writer.bytes, start + comma, this.#writer.position);
    }
    signer.endRow();
  }

  /** Puts the signature where room for the longest was left. */
  #fillSignature(signature: string): void {
    const writer = this.#writer;
    const end = writer.position;
    const oldEnd = this.#signatureEnd;
    this.#signature = signature;
    writer.position = this.#signatureStart;
    this.#writeMember("a");
    writer.bytes.copyWithin(writer.position, oldEnd, end);
    writer.position += end - oldEnd;
  }
}
