/** A request that is not taken: its HTTP status, and what was expected and what came. Nothing was stored. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
