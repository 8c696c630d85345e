// scripts/build.ts defines both; running from source, neither exists.
declare const MUSTER_VERSION: string | undefined;
declare const MUSTER_COMMIT: string | undefined;

export interface BuildInfo {
  /** The version in package.json. */
  readonly version: string;
  /** Abbreviated commit, with `-dirty` when the sources differ from it; `unknown` outside git. */
  readonly commit: string;
}

/** What this binary was built from. */
export const buildInfo: BuildInfo = {
  version: typeof MUSTER_VERSION === "string" ? MUSTER_VERSION : "0.0.0",
  commit: typeof MUSTER_COMMIT === "string" ? MUSTER_COMMIT : "unknown",
};
