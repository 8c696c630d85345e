import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CheckTarget, FreeAmount } from "../../../domain/health/check.ts";
import { formatSize } from "../../../domain/text/units.ts";
import { roomAtPath, type Room } from "../path-files.ts";
import type { Limits } from "../path-calls.ts";
import type { Seen } from "./seen.ts";

/** Free space for programs other than root's, and its percentage as df calculates it. */
export async function probeDisk(target: CheckTarget<"disk">, limits: Limits): Promise<Seen> {
  return judge(target.free, await roomAtPath(target.path, limits), "free");
}

/** What programs could have without swapping: the kernel's own estimate. */
export async function probeMemory(target: CheckTarget<"memory">, procDirectory: string): Promise<Seen> {
  const text = await readFile(join(procDirectory, "meminfo"), "utf8");
  const amounts = new Map(
    [...text.matchAll(/^(\w+):\s+(\d+) kB$/gm)].map(([, name, kib]) => [name, Number(kib) * 1024]),
  );
  const available = amounts.get("MemAvailable");
  const whole = amounts.get("MemTotal");
  if (available === undefined || whole === undefined) return { ok: false, seen: "a kernel that does not tell" };
  return judge(target.available, { available, whole }, "available");
}

function judge(wanted: FreeAmount, { available, whole }: Room, what: string): Seen {
  const percent = whole === 0 ? 0 : (available / whole) * 100;
  const ok = "percent" in wanted ? percent >= wanted.percent : available >= wanted.bytes;
  return { ok, seen: `${formatSize(available)} of ${formatSize(whole)} ${what} (${percent.toFixed(1)}%)` };
}

/** Whether something is mounted exactly there, as process 1 sees it: the daemon's sandbox has mounts of its own. */
export async function probeMount(target: CheckTarget<"mount">, procDirectory: string): Promise<Seen> {
  const type = mountedAt(target.path, await readFile(join(procDirectory, "1/mountinfo"), "utf8"));
  if (type === undefined) return { ok: false, seen: "nothing mounted" };
  // Only an access shows whether an automount works (autofs(5), systemd.automount(5)).
  if (type === "autofs" && target.type !== "autofs") return { ok: false, seen: "an autofs trap, and nothing mounted" };
  return { ok: target.type === undefined || target.type === type, seen: `mounted as ${type}` };
}

/** The type of the file system at a path by `mountinfo`: of several on top of each other, the last one is visible. */
function mountedAt(path: string, mountinfo: string): string | undefined {
  const wanted = path.length > 1 ? path.replace(/(?<!\/)\/+$/, "") : path;
  const line = mountinfo.split("\n").findLast((entry) => unescape(entry.split(" ")[4] ?? "") === wanted);
  return line?.split(" - ")[1]?.split(" ")[0];
}

/** Blanks and backslashes in a path are octal there (proc(5)). */
function unescape(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_whole, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
