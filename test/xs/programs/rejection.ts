import { host } from "../board.js";

/** One rejection is handled a turn late, which is in time; the other never. */
export default async function reject(): Promise<void> {
  const handled = Promise.reject(new Error("handled"));
  await undefined;
  handled.catch((error: Error) => host.print(error.message));
  await undefined;
  throw new Error("nobody listens");
}
