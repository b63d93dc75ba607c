/**
 * Seconds since 1970 from the `Date` of an answer: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7: IMF-fixdate, the only
 * form that is still sent). Undefined when it is anything else.
 */
export function parseHTTPDate(text: string): number | undefined {
  const date = new Date(text);
  // That form is ECMAScript's own; a text that does not come out again as it went in was another, or garbled.
  return Number.isNaN(date.getTime()) || date.toUTCString() !== text ? undefined : date.getTime() / 1000;
}
