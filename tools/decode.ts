/** `npm run -s decode -- token ...`: what a token says, as one JSON line; exit code 1 and the reason when it says nothing. */
import { Command, InvalidArgumentError } from "commander";
import { TokenDecoder } from "../firmware/openpaygo/token.js";

interface TokenFlags {
  key: Uint8Array;
  count: number;
  startingCode?: number;
  used?: number[];
  restricted?: boolean;
}

function key(text: string): Uint8Array {
  if (!/^[0-9a-f]{32}$/i.test(text)) throw new InvalidArgumentError("Expected 32 hex digits.");
  return Uint8Array.from(Buffer.from(text, "hex"));
}

function integer(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError("Expected a whole number of up to 9 digits.");
  return Number(text);
}

function counts(text: string): number[] {
  return text.split(",").map(integer);
}

/** Without a list, nothing is known of older tokens: they count as used. */
function usedBits(count: number, used: number[] | undefined): number {
  if (used === undefined) return 0xffff;
  return used.reduce((bits, one) => (one <= count && count - one < 16 ? bits | (1 << (count - one)) : bits), 1);
}

function decodeToken(token: string, flags: TokenFlags): void {
  const { count, startingCode, restricted } = flags;
  const decoder = new TokenDecoder({ key: flags.key, startingCode, restrictedDigitSet: restricted });
  const decoded = decoder.decode(token, { count, used: usedBits(count, flags.used) });
  if (decoded.valid) {
    console.log(JSON.stringify({ type: decoded.type, value: decoded.value ?? null, count: decoded.count }));
    return;
  }
  const lengths = restricted ? "15 or 20 digits from 1 to 4" : "9 or 12 digits";
  const reason = {
    malformed: `expected ${lengths}, not "${token}"`,
    invalid: `no token of this key between count ${count} and the furthest that a device may jump to`,
    "already used": `already used, or too old for count ${count}`,
  }[decoded.reason];
  console.error(`${decoded.reason}: ${reason}`);
  process.exitCode = 1;
}

const program = new Command("decode").description("Decodes what a device receives.").exitOverride((error) => {
  process.exit(error.exitCode === 0 ? 0 : 2);
});
program
  .command("token")
  .description("prints the type, value and count of an OpenPAYGO Token")
  .argument("<token>", "the digits")
  .requiredOption("--key <hex>", "secret key of the device, 32 hex digits", key)
  .requiredOption("--count <n>", "count of the last token that the device took", integer)
  .option("--starting-code <n>", "made from the key when not given", integer)
  .option("--used <list>", "counts up to --count that were used, as 1,2,...; all of them when not given", counts)
  .option("--restricted", "the token consists of the digits 1 to 4")
  .action(decodeToken);
program.parse();
