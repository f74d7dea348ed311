// The error for a request that the server refuses.

export class Refusal extends Error {
  /** @param status of HTTP @param sentence for people, in the answer */
  constructor(
    readonly status: number,
    sentence: string,
  ) {
    super(sentence);
  }
}
