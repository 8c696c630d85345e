import type { CheckTarget } from "../../../domain/health/check.ts";
import { programs } from "../../../domain/settings/paths.ts";
import { exec } from "../exec.ts";
import { excerpt, type Seen } from "./seen.ts";

/** Asks systemd; `activating` is not active yet. */
export async function probeUnit(target: CheckTarget<"unit">, timeoutMs: number, signal: AbortSignal): Promise<Seen> {
  const shown = await exec({
    argv: [programs.systemctl, "show", "--property=LoadState,ActiveState,SubState,Result", "--", target.unit],
    timeoutMs,
    signal,
  });
  if (shown.outcome !== "exited" || shown.code !== 0) {
    return { ok: false, seen: `no answer of systemd: ${excerpt(shown.stderr) || shown.outcome}` };
  }
  return seenIn(shown.stdout);
}

/** What `systemctl show` printed, as people say it. */
export function seenIn(text: string): Seen {
  const properties = new Map(text.split("\n").map((line) => [before(line), line.slice(before(line).length + 1)]));
  const state = properties.get("ActiveState") ?? "unknown";
  const load = properties.get("LoadState");
  if (state === "active") return { ok: true, seen: `active (${properties.get("SubState")})` };
  if (load === "not-found") return { ok: false, seen: "no such unit" };
  if (load === "masked") return { ok: false, seen: "masked" };
  const result = properties.get("Result") ?? "success";
  return {
    ok: false,
    seen: `${state} (${properties.get("SubState")})${result === "success" ? "" : `, result ${result}`}`,
  };
}

function before(line: string): string {
  return line.split("=", 1)[0] ?? "";
}
