/** A value that a person wrote into a file, or left to its default, as that person would write it. */
export type KnownValue = {
  /** As `config.url` or `health.smoke[0].http.url`. */
  readonly path: string;
  /** Never a secret. */
  readonly value: string;
  /** `file:line:column`; absent for a default. */
  readonly from?: string;
};
