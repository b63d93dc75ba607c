import { signAnswer } from "./auth.js";
import { type JSONNode, pythonText } from "./json.js";
import type { DeviceRequest } from "./request.js";
import type { DeviceState } from "./state.js";

export interface AnswerOptions {
  readonly request: DeviceRequest;
  readonly data: ReadonlyMap<string, JSONNode>;
  readonly device: DeviceState;
  readonly key: Uint8Array;
  /** Seconds since 1970. */
  readonly now: number;
}

/** Spec "Server Response Object", condensed and signed; an empty object when there is nothing to say. */
export function answerText(options: AnswerOptions): string {
  const { data, device } = options;
  const members: [name: string, text: string][] = [];
  const time = timeMember(options);
  if (time) members.push(time);
  // As numbers, like the spec has them: leading zeros go, the device puts them back.
  const tokens = device.tokens.map(({ token }) => Number(token));
  if (data.has("token_count") && tokens.length > 0) members.push(["tkl", pythonText(tokens)]);
  if (Object.keys(device.settings).length > 0) members.push(["st", pythonText(device.settings)]);
  if (Object.keys(device.extraData).length > 0) members.push(["ed", pythonText(device.extraData)]);
  return signed(options, members);
}

/** Only one kind of time is ever sent, the absolute one first, and only when it was asked for. */
function timeMember({ data, device, now }: AnswerOptions): [name: string, text: string] | undefined {
  const { activeUntil } = device;
  if (activeUntil === null) return undefined;
  if (isRequested(data, "active_until_timestamp_requested")) return ["auts", String(activeUntil)];
  if (isRequested(data, "active_seconds_left_requested")) return ["asl", String(Math.max(0, activeUntil - now))];
  return undefined;
}

function isRequested(data: ReadonlyMap<string, JSONNode>, name: string): boolean {
  const value = data.get(name)?.value;
  return value === true || value === 1;
}

function signed({ request, key }: AnswerOptions, members: readonly [name: string, text: string][]): string {
  if (members.length === 0) return "{}";
  // The reference leaves a time of 0 out of the signature.
  const covered = members.map(([, text]) => text).filter((text) => text !== "0");
  const auth: [string, string] = ["a", `"${signAnswer(request, covered, key)}"`];
  return `{${[...members, auth].map(([name, text]) => `"${name}":${text}`).join(",")}}`;
}
