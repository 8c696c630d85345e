/**
 * A form of secrets in text. The group `secret` is masked, or without one the whole match; `only` refuses matches that
 * are no secret. Every form is linear: a repetition is bounded, or the part after it is optional, so that a text from
 * outside cannot cost more than its length at each place.
 */
export type SecretForm = {
  readonly kind: string;
  readonly form: RegExp;
  readonly only?: (found: string) => boolean;
  /**
   * A text that every text with such a secret contains: nearly all texts have none, and are skipped quickly. Without
   * flag g.
   */
  readonly hint?: RegExp;
};

/** A journal's and git's digests are lower-case hex. */
export function looksRandom(text: string): boolean {
  return text.length >= 16 && [/[a-z]/, /[A-Z]/, /\d/].every((kind) => kind.test(text));
}
