import type { Seen } from "./seen.ts";

/** The states in which a unit works, as `systemctl is-active` has them: a reload interrupts nothing. */
const works: ReadonlySet<string> = new Set(["active", "reloading", "refreshing"]);

/** The properties of one unit as `systemctl show` printed them, as people say it; `activating` is not active yet. */
export function seenIn(text: string): Seen {
  const properties = new Map(text.split("\n").map((line) => [before(line), line.slice(before(line).length + 1)]));
  const state = properties.get("ActiveState") ?? "unknown";
  const load = properties.get("LoadState");
  if (works.has(state)) return { ok: true, seen: `${state} (${properties.get("SubState")})` };
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
