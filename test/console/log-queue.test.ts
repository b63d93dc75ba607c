import { strict as assert } from "node:assert";
import { LogQueue } from "../../firmware/console/log-queue.js";

describe("the queue of log lines", () => {
  it("takes any number of lines when they are taken out as fast", () => {
    const queue = new LogQueue();
    queue.push("line 0");
    for (let i = 1; i < 1000; i++) {
      queue.push(`line ${i}`);
      assert.equal(queue.next(), `line ${i - 1}`);
    }
    assert.equal(queue.next(), "line 999");
    assert.equal(queue.next(), undefined);
  });

  it("takes one line of any length", () => {
    const queue = new LogQueue();
    queue.push("x".repeat(5000));
    queue.push("y");
    assert.equal(queue.next()?.length, 5000);
    assert.equal(queue.next(), "(1 log lines were dropped: the console was busy)");
    assert.equal(queue.next(), undefined);
  });

  it("tells of dropped lines where they are missing, before any later line", () => {
    const queue = new LogQueue();
    const line = "x".repeat(512);
    for (let i = 0; i < 3; i++) queue.push(line);
    assert.equal(queue.next(), line);
    queue.push("after the gap");
    assert.equal(queue.next(), line);
    assert.equal(queue.next(), "(2 log lines were dropped: the console was busy)");
    queue.push("later");
    assert.equal(queue.next(), "later");
  });
});
