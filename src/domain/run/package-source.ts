/** Why an index or a package could not be downloaded. */
export const fetchCodes = [
  "package-fetch-failed",
  "package-name-unresolved",
  "package-connection-refused",
  "package-no-route",
  "package-timeout",
  "package-certificate-refused",
  "package-file-missing",
  "package-file-wrong",
  "proxy-refused",
  "proxy-unreachable",
] as const;

/** Why the index of a package source could not be read. */
export const sourceCodes = [...fetchCodes, "package-source-untrusted", "package-source-changed"] as const;

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
