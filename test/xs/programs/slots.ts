/** Keeps allocating objects: ends with "memory full". */
export default function fillSlots(): void {
  let chain: object = {};
  for (;;) chain = { chain };
}
