import { longestPauseMs } from "../../domain/instance/pause.ts";
import { printable } from "../../domain/role/names.ts";
import type { Tags } from "../../domain/instance/instance.ts";
import type { DaemonDeps } from "../deps.ts";

/** Longest reason that is taken from a tag, in characters. */
const longestReason = 200;

type Deps = Pick<DaemonDeps, "pause" | "tagPrefix" | "tagTrust">;

/** The key of the tag that pauses the instance. */
export function pauseTagOf({ tagPrefix }: Pick<Deps, "tagPrefix">): string {
  return `${tagPrefix}pause`;
}

/**
 * Follows the tag that pauses: its value is the reason, and its removal ends the pause. The pause is renewed while the
 * tag stands, so that tags which cannot be read for a while end nothing, and a forgotten daemon does not pause for good.
 * A person's pause is left alone.
 * @param seen the present value of the tag, as of the others that are watched
 * @throws MusterError `state-write-failed`
 */
export async function followPauseTag(deps: Deps, seen: Tags): Promise<void> {
  const { pause, tagTrust } = deps;
  const key = pauseTagOf(deps);
  const by = `tag ${key}`;
  const value = tagTrust.includes("pause") ? (seen[key]?.trim() ?? "") : "";
  const now = pause.current();
  if (now !== undefined && now.by !== by) return;
  if (value === "") {
    if (now !== undefined) await pause.end();
    return;
  }
  const reason = printable(value, longestReason);
  const { reason: standing } = now ?? {};
  if (standing === reason && pause.leftMs() > longestPauseMs / 2) return;
  await pause.begin({ reason, by, forMs: longestPauseMs });
}
