/** A value of a file, written by a person or left at its default, in the form in which people write it. */
export type KnownValue = {
  /** As `config.url` or `health.smoke[0].http.url`. */
  readonly path: string;
  /** Never a secret. */
  readonly value: string;
  /** `file:line:column`; absent for a default. */
  readonly from?: string;
};
