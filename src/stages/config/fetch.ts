import { backoffMs } from "../../lib/async/backoff.ts";
import { isTransient, MusterError, reportOf } from "../../domain/errors/errors.ts";
import { withKind } from "../../domain/role/ref-kind.ts";
import { formatDuration } from "../../domain/text/units.ts";
import type { StageContext } from "../../ports/stage-context.ts";
import { kindBefore } from "./plan.ts";
import type { ConfigInput, ConfigPorts } from "./result.ts";

const backoff = { firstMs: 1_000, maxMs: 30_000 };

/** With a mirror on disk, a silent server is not worth a longer wait. */
const patienceWithMirrorMs = 20_000;
/** Failures that need an operator (a key, a certificate, a URL) rarely go away; a late role or secret does appear. */
const patienceWithRefusalMs = 60_000;
/** The time limit of a last attempt that begins at the deadline. */
const shortestAttemptMs = 10_000;

/**
 * Updates the mirror; retries until the settings' deadline, and goes on with the present mirror if the server cannot be
 * reached.
 * @returns whether it is up to date
 * @throws MusterError as ConfigRepo.fetch
 */
export async function bringUpToDate(
  input: ConfigInput,
  ports: Pick<ConfigPorts, "repo" | "clock">,
  context: StageContext,
): Promise<boolean> {
  const { repo, clock } = ports;
  const { deadlineMs } = input.source;
  const { value: name } = input.selection.ref;
  const kind = kindBefore(input);
  const wanted = kind === undefined ? name : withKind(kind, name);
  const start = clock.monotonicMs();
  const spent = (): number => clock.monotonicMs() - start;
  const fallback = input.offlineAllowed && (await repo.hasMirror(context.signal));
  context.progress("fetching the config repo");
  for (let attempt = 1; ; attempt += 1) {
    try {
      const left = Math.max(shortestAttemptMs, deadlineMs - spent());
      const { rebuilt, leftOut } = await repo.fetch(left, context.signal, wanted);
      if (leftOut !== undefined) context.warn("config-refs-left-out", leftOut);
      if (rebuilt !== undefined) context.warn("config-mirror-rebuilt", rebuilt);
      return true;
    } catch (error) {
      context.signal.throwIfAborted();
      if (!isTransient(error)) throw error;
      const left = Math.min(deadlineMs, patienceMs(error, fallback)) - spent();
      if (left <= 0 && !fallback) throw gaveUp(error, attempt, spent());
      if (left <= 0) {
        context.warn(
          "config-offline",
          `${reportOf(error).message}; going on with the local mirror as it was fetched last`,
        );
        return false;
      }
      const pause = Math.min(left, backoffMs(backoff, attempt, clock, error));
      context.waiting(
        `${reportOf(error).message}; trying again in ${formatDuration(pause)}, up to ${formatDuration(left)} more`,
      );
      await clock.sleep(pause, context.signal);
    }
  }
}

function patienceMs(error: unknown, fallback: boolean): number {
  if (fallback) return patienceWithMirrorMs;
  return outages.has(reportOf(error).code) ? Infinity : patienceWithRefusalMs;
}

/** Nobody refused: what does not answer now may answer later. */
const outages: ReadonlySet<string> = new Set(["config-fetch-failed", "proxy-unreachable"]);

function gaveUp(error: unknown, attempts: number, ms: number): MusterError {
  const { code, message, hint } = reportOf(error);
  const tries = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  return new MusterError({
    code,
    message: `${message}; given up after ${tries} in ${formatDuration(ms)}`,
    hint,
    cause: error,
    transient: true,
  });
}
