import type { StandIn } from "../domain/repo-content.ts";

/** A branch or tag of the mirror and the commit it points at (annotated tags peeled). */
export type RepoRef = {
  readonly kind: "branch" | "tag";
  /** Without `refs/heads/` or `refs/tags/`. */
  readonly name: string;
  readonly commit: string;
};

/** What people know a commit by. */
export type CommitHead = {
  /** The first line of its message, without control characters, at most 100 characters. */
  readonly subject: string;
  /** When it was committed, by the clock of whoever did; ISO 8601, UTC. */
  readonly committedAt: string;
};

/** Whether a commit is signed by somebody whom the image trusts. */
export type SignatureState =
  | { readonly kind: "good"; readonly signer: string }
  | { readonly kind: "bad"; readonly why: string }
  | { readonly kind: "none" };

/** What a fetch did besides fetching. */
export type FetchReport = {
  /** Why the mirror was built anew, one plain sentence; absent when it was only brought up to date. */
  readonly rebuilt?: string;
  /** What the settings allow and the mirror lacks all the same, and why, one plain sentence. */
  readonly leftOut?: string;
};

/** A throw-away copy of the repo, for a dry run. */
export type ScratchRepo = {
  readonly repo: ConfigRepo;
  dispose(): Promise<void>;
};

/**
 * The config repo: a bare mirror in the state directory and one worktree per commit.
 *
 * Contract: every operation may be killed at any point and done again. `fetch` changes only the mirror,
 * never a worktree. A worktree is complete or absent: it appears under its final path in one rename, and
 * a damaged one is made anew. Nothing of the repo is executed (no hooks, no filters, no submodules, no
 * fsmonitor). Errors never hold credentials. An operation that finds the mirror damaged throws
 * `config-mirror-damaged` (transient): the next `fetch` builds it anew.
 */
export interface ConfigRepo {
  /**
   * Brings the mirror up to date with the URL of the settings: it holds the branches and tags that `config.refs`
   * allows and no others, bounded in number and size. A mirror of another URL or a damaged one is replaced, in one
   * rename once its successor is complete.
   * @param timeoutMs a fetch that takes longer is stopped; a server that says nothing is given up sooner
   * @throws MusterError `config-fetch-failed` (server down, time-out, DNS), `config-access-denied`,
   *   `config-host-key-unknown`, `config-certificate-refused`, `config-repo-not-found`
   *   (all worth a retry later: transient), `config-content-refused`, `config-too-large`
   * @param wanted what the run asks for, a name or a commit id: where not all can be fetched, it is
   */
  fetch(timeoutMs: number, signal: AbortSignal, wanted?: string): Promise<FetchReport>;
  /**
   * The commit that a branch or tag of this name points at on the server now; asks for no more than that and changes
   * nothing. A name without its kind means the branch where there are both.
   * @returns undefined for a name that is none there, or that the settings do not allow
   * @throws MusterError as `fetch`
   */
  headOnServer(name: string, timeoutMs: number, signal: AbortSignal): Promise<string | undefined>;
  /** Whether there is a mirror of the settings' URL with at least one allowed ref: an offline run is possible. */
  hasMirror(signal: AbortSignal): Promise<boolean>;
  /** The branches and tags of the mirror that the settings allow. */
  refs(signal: AbortSignal): Promise<readonly RepoRef[]>;
  /** The full commit id for a full or abbreviated (at least 7 digits) commit id, if the mirror has exactly one such commit. */
  findCommit(id: string, signal: AbortSignal): Promise<string | undefined>;
  /** The allowed branches and tags that `commit` is reachable from. */
  refsContaining(commit: string, signal: AbortSignal): Promise<readonly RepoRef[]>;
  /** Whether `ancestor` is `descendant` or an ancestor of it; false when the mirror lacks either. */
  isAncestor(ancestor: string, descendant: string, signal: AbortSignal): Promise<boolean>;
  headOf(commit: string, signal: AbortSignal): Promise<CommitHead>;
  signature(commit: string, signal: AbortSignal): Promise<SignatureState>;
  /**
   * The text of a file in a commit; undefined if there is no regular file of that name.
   * @throws MusterError `config-file-too-large` over 1 MiB
   */
  readFile(commit: string, path: string, signal: AbortSignal): Promise<string | undefined>;
  /** The submodules and LFS pointers that a commit holds at, above and below these paths: there is no content behind them. */
  standIns(commit: string, paths: readonly string[], signal: AbortSignal): Promise<readonly StandIn[]>;
  /** The absolute path of the worktree of `commit`, made if necessary. */
  checkout(commit: string, signal: AbortSignal): Promise<string>;
  /** Removes worktrees other than these commits'. */
  prune(keep: readonly string[], signal: AbortSignal): Promise<void>;
  /** A copy that knows what the mirror knows and shares nothing that can be written. */
  scratch(signal: AbortSignal): Promise<ScratchRepo>;
}
