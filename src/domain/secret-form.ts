/**
 * A form in which secrets stand in text. What is masked is the group `secret`, or without one the whole match; with
 * `only`, not what it returns false for.
 *
 * Every form is linear: a repetition has a bound, or whatever follows it is optional, so that no text from outside makes
 * one place cost the length of the text.
 */
export type SecretForm = {
  readonly kind: string;
  readonly form: RegExp;
  readonly only?: (found: string) => boolean;
  /** What every text has that holds such a secret: nearly all texts have none of it, and are done with. Without flag g. */
  readonly hint?: RegExp;
};

/** A journal's and git's digests are lower-case hex. */
export function looksRandom(text: string): boolean {
  return text.length >= 16 && [/[a-z]/, /[A-Z]/, /\d/].every((kind) => kind.test(text));
}
