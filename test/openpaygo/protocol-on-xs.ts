import { host } from "../xs/board.js";
import { protocolSample } from "./protocol-sample.js";

export default function main(): void {
  for (const line of protocolSample()) host.print(line);
}
