import assert from "node:assert/strict";
import type { AggregationMethod, DataFormat, VariableType } from "../../firmware/openpaygo/data-format.js";
import { Aggregator } from "../../firmware/telemetry/aggregate.js";
import type { Value } from "../../hal/sensor.js";

function aggregate(
  samples: Value[],
  variable: { type?: VariableType; aggregation_method?: AggregationMethod; scale_factor?: number },
): Value {
  const format: DataFormat = {
    data_order: [],
    historical_data_order: ["x"],
    historical_data_interval: 60,
    variables: { x: variable },
  };
  const aggregator = new Aggregator(format);
  for (const sample of samples) aggregator.add(0, sample);
  const values: Value[] = [];
  aggregator.close(values);
  return values[0];
}

describe("aggregation of an interval", () => {
  it("averages numbers when the format says nothing", () => {
    assert.equal(aggregate([1, 2, 6], { type: "float" }), 3);
  });

  it("rounds the average of integers and of scaled variables to a whole number", () => {
    assert.equal(aggregate([1, 2], { type: "integer" }), 2);
    assert.equal(aggregate([13124, 13125, 13125], { type: "float", scale_factor: 0.001 }), 13125);
  });

  it("has no negative zero", () => {
    assert.ok(Object.is(aggregate([-1, 0, 0], { type: "integer" }), 0));
  });

  it("gives min, max, sum or the latest when the format says so", () => {
    const samples = [3, -1, 7];
    assert.equal(aggregate(samples, { type: "integer", aggregation_method: "min" }), -1);
    assert.equal(aggregate(samples, { type: "integer", aggregation_method: "max" }), 7);
    assert.equal(aggregate(samples, { type: "integer", aggregation_method: "sum" }), 9);
    assert.equal(aggregate(samples, { type: "integer", aggregation_method: "latest" }), 7);
  });

  it("keeps the latest of texts, booleans and positions", () => {
    assert.equal(aggregate(["a", "b"], {}), "b");
    assert.equal(aggregate([true, false], { type: "bool" }), false);
    assert.deepEqual(aggregate([[1, 2] as const, [36.8, -1.3] as const], { type: "gps" }), [36.8, -1.3]);
  });

  it("leaves out readings that failed", () => {
    assert.equal(aggregate([undefined, 4, Number.NaN, 6], { type: "integer" }), 5);
    assert.equal(aggregate([undefined], { type: "integer" }), undefined);
  });

  it("starts every interval afresh and says whether a reading was tried", () => {
    const format: DataFormat = {
      data_order: [],
      historical_data_order: ["x"],
      historical_data_interval: 60,
      variables: { x: { type: "integer" } },
    };
    const aggregator = new Aggregator(format);
    const values: Value[] = [];
    aggregator.add(0, 10);
    assert.equal(aggregator.close(values), true);
    assert.equal(aggregator.close(values), false);
    aggregator.add(0, undefined);
    assert.equal(aggregator.close(values), true);
    aggregator.add(0, 2);
    aggregator.close(values);
    assert.deepEqual(values, [2]);
  });
});
