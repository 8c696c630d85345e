/** Why the index of a package source could not be read. */
export const sourceCodes = ["package-fetch-failed", "package-source-untrusted", "package-source-changed"] as const;

/** A package source whose index could not be read, while others were: its packages are judged by an older index. */
export type SourceFailure = {
  /** As `download.docker.com stable` (apt) or `docker-ce` (dnf): no path and no credentials, because it becomes a label. */
  readonly source: string;
  readonly code: (typeof sourceCodes)[number];
  /** One sentence, with the source and what the package manager said. */
  readonly message: string;
  /** The remedy. */
  readonly hint: string;
  /** Whether it may pass by itself. */
  readonly transient: boolean;
};
