import { HeadlessApp } from "./headless.js";
import { startServers } from "./servers.js";

/** Real seconds that the test app may take. */
const PATIENCE = 120;

/** Runs the test app, which drives the SDK's clients over the modem; gives its lines. Throws when one of its checks failed. */
export async function checkClients(program: string, library: string, folder: string): Promise<string[]> {
  const servers = await startServers(folder);
  const app = new HeadlessApp(program, library, servers.environment);
  try {
    await app.until("the test app is done", () => /^\d+ passed, \d+ failed$/m.test(app.printed), PATIENCE);
  } finally {
    await app.kill();
    servers.close();
  }
  const lines = app.printed.trim().split("\n");
  if (!lines.at(-1)!.endsWith(" 0 failed")) throw new Error(lines.filter((line) => !line.startsWith("ok ")).join("\n"));
  return lines;
}
