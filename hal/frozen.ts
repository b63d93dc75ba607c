/**
 * Freezes a constant and everything that hangs from it, so that Moddable's linker leaves it in flash; what is not frozen takes RAM.
 * For tables of the module level, for generator functions and for classes with generator methods: a generator has a
 * `prototype` object, which is out of reach for one that is a #private method. Functions themselves are frozen by the linker.
 */
export function frozen<T extends object>(value: T): T {
  freeze(value);
  return value;
}

function freeze(value: unknown): void {
  if (typeof value === "function") freeze(value.prototype);
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const key of Reflect.ownKeys(value)) freeze(Object.getOwnPropertyDescriptor(value, key)?.value);
}
