import { programs } from "../../domain/settings/paths.ts";
import { exec } from "../host/exec.ts";

const askMs = 10_000;

/** The units that `unit` is ordered after, by its own `After=`; none if systemd does not run or does not know it. */
export async function orderedAfter(unit: string): Promise<readonly string[]> {
  const { signal } = new AbortController();
  const argv = [programs.systemctl, "show", "--property=After", "--value", "--", unit] as const;
  const shown = await exec({ argv, timeoutMs: askMs, signal });
  return shown.outcome === "exited" && shown.code === 0 ? shown.stdout.split(/\s+/).filter((name) => name !== "") : [];
}
