import type { CheckTarget, FreeAmount } from "../../../domain/check.ts";
import { formatSize } from "../../../domain/units.ts";

/** What a passing attempt would find, in the words of status and log. */
export function expectedOf(target: CheckTarget): string {
  switch (target.kind) {
    case "http":
      return `status ${target.status}${containing(target.contains, "body")}`;
    case "tcp":
      return "a connection";
    case "unit":
      return "active";
    case "command":
      return `exit ${target.exit}${containing(target.contains, "output")}`;
    case "process":
      return processes(target.min, target.max);
    case "disk":
      return `${amount(target.free)} free`;
    case "memory":
      return `${amount(target.available)} available`;
    case "mount":
      return target.type === undefined ? "mounted" : `mounted as ${target.type}`;
    case "file":
      return file(target);
  }
}

function containing(text: string | undefined, where: string): string {
  return text === undefined ? "" : ` and ${JSON.stringify(text)} in the ${where}`;
}

function processes(min: number, max: number | undefined): string {
  if (max === undefined) return `at least ${min}`;
  return min === max ? `exactly ${min}` : `${min} to ${max}`;
}

function amount(free: FreeAmount): string {
  return "percent" in free ? `${free.percent}%` : formatSize(free.bytes);
}

function file(target: Extract<CheckTarget, { kind: "file" }>): string {
  const wishes = [
    target.contains === undefined ? undefined : `with ${JSON.stringify(target.contains)} in it`,
    target.mode === undefined ? undefined : `mode ${target.mode}`,
    target.owner === undefined ? undefined : `owner ${target.owner}`,
  ];
  return ["a file", ...wishes].filter((wish) => wish !== undefined).join(", ");
}
