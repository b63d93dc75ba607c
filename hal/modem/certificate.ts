import { frozen } from "../frozen.js";
import { toBytes } from "./ascii.js";
import type { Procedure } from "./command.js";
import { pemOf } from "./pem.js";

/** What a modem does with its files. */
export interface Files {
  has(name: string): Procedure<boolean>;
  /** Of no effect on a file that is not there. */
  remove(name: string): Procedure;
  /** Gives whether the modem has all of it. */
  upload(name: string, bytes: Uint8Array): Procedure<boolean>;
}

const SEAL = "whole";

/** The name a certificate is stored by in a modem: made from its contents, so that it is stored once. */
export function certificateName(der: Uint8Array): string {
  return `ca-${checksum(der).toString(16)}`;
}

/**
 * Makes sure that the modem holds a certificate, as PEM, whole; gives the name it has there, undefined when that failed. A controller that
 * restarts in the middle of an upload has the rest filled up with its next commands, and the length right: so a second file
 * is stored after it, and only where that is the first is trusted.
 */
export function* storeCertificate(files: Files, der: Uint8Array): Procedure<string | undefined> {
  const stem = certificateName(der);
  const [name, seal] = [`${stem}.pem`, `${stem}-${SEAL}.pem`];
  if (yield* files.has(seal)) return name;
  yield* files.remove(name);
  if (!(yield* files.upload(name, pemOf(der)))) return undefined;
  yield* files.upload(seal, toBytes(SEAL));
  return name;
}
frozen(storeCertificate);

/** FNV-1a, 32 bits: tells certificates apart, no more. */
function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
