import type { Mutation } from "./list.js";

/** The text with the bug. Throws when the place is not there, or there more than once. */
export function applyMutation({ name, file, find, replace }: Mutation, text: string): string {
  const places = text.split(find).length - 1;
  if (places === 1) return text.replace(find, () => replace);
  throw new Error(
    `mutation "${name}": expected its text once in ${file}, found it ${places} times; adapt it to the new code`,
  );
}
