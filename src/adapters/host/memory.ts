import type { EventListener } from "../../domain/run/events.ts";

/** Work right after a run (systemd informed, the status written) still belongs to it. */
const afterMs = 5_000;

/**
 * Frees memory a moment after each run, unless another one has begun: garbage, and compiled functions, which are read
 * from the executable again when needed. The runtime frees memory only while its heap grows, and an idle heap does not
 * grow.
 */
export function releaseAfterRuns(release: () => void = releaseMemory): EventListener {
  let timer: NodeJS.Timeout | undefined;
  return ({ type }) => {
    if (type !== "run-started" && type !== "run-finished") return;
    clearTimeout(timer);
    if (type === "run-finished") timer = setTimeout(release, afterMs).unref();
  };
}

/** `node:` has no call for it. On another runtime than the shipped one nothing happens. */
function releaseMemory(): void {
  const runtime: unknown = Reflect.get(globalThis, "Bun");
  if (typeof runtime !== "object" || runtime === null || !("shrink" in runtime)) return;
  if (typeof runtime.shrink === "function") Reflect.apply(runtime.shrink, runtime, []);
}
