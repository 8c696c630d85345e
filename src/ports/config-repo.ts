/** A branch or tag of the mirror and the commit it points at (annotated tags peeled). */
export type RepoRef = {
  readonly kind: "branch" | "tag";
  /** Without `refs/heads/` or `refs/tags/`. */
  readonly name: string;
  readonly commit: string;
};

/** Whether a commit is signed by somebody whom the image trusts. */
export type SignatureState =
  | { readonly kind: "good"; readonly signer: string }
  | { readonly kind: "bad"; readonly why: string }
  | { readonly kind: "none" };

/**
 * The config repo: a bare mirror in the state directory and one worktree per commit.
 *
 * Contract: every operation may be killed at any point and done again. `fetch` changes only the mirror,
 * never a worktree. A worktree is complete or absent: it appears under its final path in one rename, and
 * a damaged one is made anew. Nothing of the repo is executed (no hooks, no filters, no submodules, no
 * fsmonitor). Errors never hold credentials.
 */
export interface ConfigRepo {
  /**
   * Brings the mirror up to date with the URL of the settings; prunes refs that are gone.
   * @throws MusterError `config-fetch-failed` (transient: server down, time-out, DNS),
   *   `config-access-denied`, `config-host-key-unknown`, `config-repo-not-found` (all worth a retry later: transient)
   */
  fetch(signal: AbortSignal): Promise<void>;
  /** Whether there is a mirror with at least one ref: an offline run is possible. */
  hasMirror(signal: AbortSignal): Promise<boolean>;
  /** All branches and tags of the mirror. */
  refs(signal: AbortSignal): Promise<readonly RepoRef[]>;
  /** The full commit id for a full or abbreviated (at least 7 digits) commit id, if the mirror has exactly one such commit. */
  findCommit(id: string, signal: AbortSignal): Promise<string | undefined>;
  /** Whether `ancestor` is `descendant` or an ancestor of it. */
  isAncestor(ancestor: string, descendant: string, signal: AbortSignal): Promise<boolean>;
  signature(commit: string, signal: AbortSignal): Promise<SignatureState>;
  /** The text of a file in a commit; undefined if there is no such file. Size-limited to 1 MiB. */
  readFile(commit: string, path: string, signal: AbortSignal): Promise<string | undefined>;
  /** The absolute path of the worktree of `commit`, made if necessary. */
  checkout(commit: string, signal: AbortSignal): Promise<string>;
  /** Removes worktrees other than these commits'. */
  prune(keep: readonly string[], signal: AbortSignal): Promise<void>;
}
