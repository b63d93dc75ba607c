import { Outbox } from "../../firmware/outbox/outbox.js";
import type { Row, RowSource } from "../../firmware/telemetry/row.js";

/** Sees what every outbox is asked to do; each method gets the call itself and decides when to make it. */
export interface OutboxWatcher {
  push(outbox: Outbox, row: Row, call: () => boolean): boolean;
  commit(outbox: Outbox, rows: number, call: () => boolean): boolean;
  cursor(outbox: Outbox, call: () => RowSource): RowSource;
}

/**
 * Puts a watcher between the firmware and its outbox until the function that it gives is called. The device builds its
 * outbox itself and may push a row before its constructor ends, so the class is watched, not an instance.
 */
export function watchOutbox(watcher: OutboxWatcher): () => void {
  const { push, commit, cursor } = Outbox.prototype;
  Outbox.prototype.push = function (row) {
    return watcher.push(this, row, () => push.call(this, row));
  };
  Outbox.prototype.commit = function (position) {
    // A fresh cursor stands at the oldest row that waits; what was evicted since it was read is no longer ours to commit.
    const rows = Math.max(0, position - cursor.call(this).position);
    return watcher.commit(this, rows, () => commit.call(this, position));
  };
  Outbox.prototype.cursor = function () {
    return watcher.cursor(this, () => cursor.call(this));
  };
  return () => void Object.assign(Outbox.prototype, { push, commit, cursor });
}
