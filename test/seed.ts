// Which random lives a test tries.

/**
 * The seed in an environment variable: a number repeats a run, `new` draws one. Unset it is always the same, so that a test fails because of the change that
 * it tests and of nothing else.
 */
export function seedFrom(variable: string): number {
  const wanted = process.env[variable] ?? "20261123";
  if (wanted === "new") return Math.floor(Math.random() * 0x7fffffff);
  if (!/^\d{1,10}$/.test(wanted)) throw new Error(`${variable} must be a whole number or "new", not ${JSON.stringify(wanted)}`);
  return Number(wanted);
}
