import { backoffMs, type Backoff } from "../../lib/async/backoff.ts";
import { reportOf } from "../../domain/errors/errors.ts";
import { isCommitId } from "../../domain/role/ref-glob.ts";
import { createReportGate } from "../../lib/async/report.ts";
import { withKind } from "../../domain/role/ref-kind.ts";
import type { DaemonDeps } from "../deps.ts";

type Deps = Pick<DaemonDeps, "executor" | "duty" | "status" | "bus" | "clock" | "repo">;

/** The time limit of one request to the server, in milliseconds. */
const limitMs = 30_000;

/** Between two runs for a commit that fails: do not wear out an instance in service. */
const pace: Backoff = { firstMs: 10 * 60_000, maxMs: 6 * 3_600_000, jitter: "upper-half" };

/**
 * Polls for a new commit of the ref that the instance follows, and makes a run for it. A commit that a run did not
 * finish is retried with backoff; a trial of another ref stays until there is a new commit. A silent server is reported
 * once.
 */
export function createCommitPoll(deps: Deps): (signal: AbortSignal) => Promise<void> {
  const { executor, duty, status, bus, clock, repo } = deps;
  let tried: { readonly commit: string; readonly attempt: number; readonly againAt: number } | undefined;
  const trouble = createReportGate<string>();

  async function head(ref: string, signal: AbortSignal): Promise<string | undefined> {
    try {
      const found = await repo.headOnServer(ref, limitMs, signal);
      trouble.isNew(undefined);
      return found;
    } catch (error) {
      signal.throwIfAborted();
      const { code, message } = reportOf(error);
      if (trouble.isNew(code)) {
        bus.emit({ type: "notice", level: "warning", code, text: `Looking for a commit: ${message}` });
      }
      return undefined;
    }
  }

  /** If a branch and a tag share the name, it means the one that the last run used. */
  function meant(ref: string): string {
    const { config } = status.current();
    return config?.ref === ref && config.refKind !== "commit" ? withKind(config.refKind, ref) : ref;
  }

  /** A run under way, and the retries of a held instance, fetch by themselves. */
  function isToBeMade(commit: string): boolean {
    const { run, config, state } = status.current();
    if (run?.finished !== true || state === "leaving" || state === "rebooting") return false;
    if (duty.current()?.commit !== commit) return true;
    return run.end === "failed" && config?.commit === commit;
  }

  return async function poll(signal) {
    const ref = duty.current()?.ref;
    if (ref === undefined || isCommitId(ref)) return;
    const commit = await head(meant(ref), signal);
    if (commit === undefined || !isToBeMade(commit)) return;
    const before = tried?.commit === commit ? tried : undefined;
    const now = clock.monotonicMs();
    if (before !== undefined && now < before.againAt) return;
    const attempt = (before?.attempt ?? 0) + 1;
    tried = { commit, attempt, againAt: now + backoffMs(pace, attempt, clock) };
    await executor.run({ cause: "commit", dryRun: false }, 0, () => undefined, signal);
  };
}
