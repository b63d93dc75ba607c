import type { Host } from "../../firmware/main/host.js";

/** The totals of a run, as `--batch` prints them. Credit in seconds, or null when the device is unlocked for good. */
export function summary({ device, modem }: Host) {
  const { outbox, reporter, session, credit } = device;
  return {
    samples: device.samples,
    rows_recorded: device.recorded,
    rows_acknowledged: reporter.acknowledged,
    rows_lost: outbox.evicted + outbox.corrupt + outbox.rejected,
    rows_waiting: outbox.length,
    requests: session.requests,
    failures: session.failures,
    bytes_up: modem.meter.sent,
    bytes_down: modem.meter.received,
    credit: credit.unlocked ? null : credit.left,
  };
}
