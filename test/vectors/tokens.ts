import type { Reference } from "./generate.js";
import type { TokenVector } from "./kit.js";

const KEY = "dac86b1a29ab82edc5fbbc41ec9530f6";
const CODE = 432435255;

interface Made {
  count: number;
  token: string;
}

const TYPES = ["ADD_TIME", "SET_TIME", "DISABLE_PAYG", "COUNTER_SYNC"];
const VALUES: readonly (readonly [type: string, value: number | null])[] = [
  ["ADD_TIME", 0],
  ["ADD_TIME", 1],
  ["ADD_TIME", 995],
  ["SET_TIME", 0],
  ["SET_TIME", 30],
  ["SET_TIME", 995],
  ["DISABLE_PAYG", null],
  ["COUNTER_SYNC", null],
];

/** What a token is, how it is made, and the state of a device that it is given to. */
interface Plan {
  name: string;
  generate: object;
  state: (made: Made) => { count: number; used: number[] };
  expect: (made: Made) => object;
  change?: (token: string) => string;
}

const generate = (type: string, value: number | null, count: number, restricted: boolean, extended: boolean) => ({
  secret_key: KEY,
  starting_code: CODE,
  count,
  token_type: TYPES.indexOf(type) + 1,
  value,
  restricted_digit_set: restricted,
  extended_token: extended,
});

function goodTokens(): Plan[] {
  const plans: Plan[] = [];
  for (const extended of [false, true]) {
    for (const restricted of [false, true]) {
      for (const [type, value] of VALUES) {
        const name = `${type} ${value ?? ""}, ${extended ? "extended" : "standard"}${restricted ? ", restricted" : ""}`;
        const made = generate(type, value, 10, restricted, extended);
        const state = () => ({ count: 10, used: [10] });
        plans.push({ name, generate: made, state, expect: ({ count }) => ({ type, value, count }) });
      }
    }
  }
  plans.push({
    name: "a value that only extended tokens hold",
    generate: generate("ADD_TIME", 999999, 10, false, true),
    state: () => ({ count: 10, used: [10] }),
    expect: ({ count }) => ({ type: "ADD_TIME", value: 999999, count }),
  });
  return plans;
}

/** An ADD_TIME 5 (count 12) or another type, in other states of the device. */
function stateTokens(): Plan[] {
  const add = generate("ADD_TIME", 5, 10, false, false);
  const set = generate("SET_TIME", 5, 10, false, false);
  const sync = generate("COUNTER_SYNC", null, 10, false, false);
  const state =
    (count: number, ...used: number[]) =>
    () => ({ count, used });
  const valid =
    (type: string, value: number | null) =>
    ({ count }: Made) => ({ type, value, count });
  const used = () => ({ refused: "already used" });
  const invalid = () => ({ refused: "invalid" });
  const malformed = () => ({ refused: "malformed" });
  return [
    { name: "replayed at once", generate: add, state: state(12, 10, 12), expect: used },
    { name: "the last count, not listed as used", generate: add, state: state(12), expect: used },
    { name: "older, unused, inside the window", generate: add, state: state(27, 27), expect: valid("ADD_TIME", 5) },
    { name: "older, used, inside the window", generate: add, state: state(27, 12, 27), expect: used },
    { name: "older than the window", generate: add, state: state(28, 28), expect: used },
    { name: "SET_TIME out of order", generate: set, state: state(12, 12), expect: used },
    { name: "COUNTER_SYNC out of order", generate: sync, state: state(12, 12), expect: used },
    { name: "64 counts ahead", generate: { ...add, count: 73 }, state: state(10), expect: valid("ADD_TIME", 5) },
    { name: "66 counts ahead", generate: { ...add, count: 75 }, state: state(10), expect: invalid },
    {
      name: "COUNTER_SYNC 99 counts ahead",
      generate: { ...sync, count: 108 },
      state: state(10),
      expect: valid("COUNTER_SYNC", null),
    },
    { name: "COUNTER_SYNC 101 counts ahead", generate: { ...sync, count: 110 }, state: state(10), expect: invalid },
    { name: "another device's", generate: { ...add, secret_key: "00".repeat(16) }, state: state(10), expect: invalid },
    {
      name: "one digit wrong",
      generate: add,
      state: state(10),
      expect: invalid,
      change: (token) => `4${token.slice(1)}`,
    },
    { name: "a digit short", generate: add, state: state(10), expect: malformed, change: (token) => token.slice(1) },
    { name: "a digit long", generate: add, state: state(10), expect: malformed, change: (token) => `${token}0` },
    {
      name: "a letter in it",
      generate: add,
      state: state(10),
      expect: malformed,
      change: (token) => `${token.slice(1)}a`,
    },
    {
      name: "a digit outside of the restricted set",
      generate: generate("ADD_TIME", 5, 10, true, false),
      state: state(10),
      expect: malformed,
      change: (token) => token.replace("1", "5"),
    },
  ];
}

export function tokenVectors(reference: Reference): TokenVector[] {
  const plans = [...goodTokens(), ...stateTokens()];
  const made = reference(plans.map((plan) => ({ generate: plan.generate }))) as Made[];
  return plans.map((plan, index) => {
    const one = made[index]!;
    const { name, change = (token) => token } = plan;
    const restricted = (plan.generate as { restricted_digit_set: boolean }).restricted_digit_set;
    const token = change(one.token);
    return { name, key: KEY, starting_code: CODE, restricted, ...plan.state(one), token, expect: plan.expect(one) };
  });
}
