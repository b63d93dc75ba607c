import { parseHTTPDate } from "../../../firmware/uplink/http-date.js";
import { host } from "../board.js";

/** Whether XS reads and writes dates in the form of RFC 9110, as Node does. */
export default function main(): void {
  for (const text of [
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Wed, 29 Feb 2096 23:59:59 GMT",
    "Mon, 06 Nov 1994 08:49:37 GMT",
    "x",
  ]) {
    host.print(String(parseHTTPDate(text)));
  }
}
