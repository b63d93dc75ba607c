import assert from "node:assert/strict";
import { guarded } from "../../firmware/uplink/guarded.js";
import type { TCP, TCPOptions } from "../../hal/tcp.js";

describe("guarded sockets", () => {
  /** Keeps its options; whoever has them plays the network. */
  class FakeTCP {
    readonly options: TCPOptions;

    constructor(options: TCPOptions) {
      this.options = options;
    }
  }
  const open = (options: Partial<TCPOptions>, onProblem: () => void) => {
    const io = guarded(FakeTCP as unknown as new (options: TCPOptions) => TCP, onProblem);
    return (new io({ port: 80, ...options }) as unknown as FakeTCP).options;
  };

  it("hand on what the network tells and what they were opened with", () => {
    const told: unknown[] = [];
    const options = open(
      {
        address: "metrics.example",
        onReadable: (count) => told.push("readable", count),
        onWritable: (count) => told.push("writable", count),
        onError: () => told.push("error"),
      },
      () => assert.fail("there is no problem"),
    );
    options.onWritable!(5);
    options.onReadable!(7);
    options.onError!();
    assert.deepEqual(
      [options.port, options.address, told],
      [80, "metrics.example", ["writable", 5, "readable", 7, "error"]],
    );
  });

  for (const name of ["onReadable", "onWritable", "onError"] as const) {
    it(`report an ${name} that throws, and do not throw themselves`, () => {
      let problems = 0;
      const options = open(
        {
          [name]: () => {
            throw new Error("unexpected");
          },
        },
        () => problems++,
      );
      options[name]!(1);
      assert.equal(problems, 1);
    });
  }

  it("need no callbacks", () => {
    const options = open({}, () => assert.fail("there is no problem"));
    options.onReadable!(1);
    options.onWritable!(1);
    options.onError!();
  });
});
