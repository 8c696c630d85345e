import { publicResource } from "../../domain/brief.ts";
import type { StageContext } from "../../ports/stage-context.ts";
import { resourceIn } from "./resource.ts";

/** How often a person needs to see another resource. */
const paceMs = 500;

/**
 * Turns what Puppet prints into progress and output: the trace of resources becomes `12 of 41: Package[nginx]`
 * at a pace that people can read, everything else is passed on as it is.
 */
export function createPuppetProgress(context: StageContext) {
  let latest: string | undefined;
  let resting: NodeJS.Timeout | undefined;

  /** The first one at once, then the latest of each interval: a slow resource is always the one shown. */
  function show(text: string): void {
    latest = text;
    if (resting === undefined) flush();
  }

  function flush(): void {
    resting = undefined;
    if (latest === undefined) return;
    context.progress(latest, latest.replace(/[A-Z][\w:]*\[.*\]$/s, publicResource));
    latest = undefined;
    resting = setTimeout(flush, paceMs);
  }

  return {
    line(text: string): void {
      const trace = traceOf(text);
      if (trace === "noise") return;
      if (trace !== undefined) return show(trace);
      context.output(text);
      const compiled = /^Notice: Compiled catalog for .* in ([\d.]+) seconds$/.exec(text);
      if (compiled?.[1] !== undefined) show(`catalogue compiled in ${Number(compiled[1]).toFixed(1)} s, applying it`);
    },
    end(): void {
      clearTimeout(resting);
    },
  };
}

/** What a line of `--evaltrace` tells; `noise` for those that tell nothing. */
function traceOf(line: string): string | undefined {
  if (/^Info: .*: Evaluated in [\d.]+ seconds$/.test(line)) return "noise";
  const start = /^Info: (.*): Starting to evaluate the resource(?: \((\d+ of \d+)\))?$/.exec(line);
  if (start === null) return undefined;
  const resource = resourceIn(start[1] ?? "");
  if (resource === undefined || /^(Stage|Class|Schedule|Filebucket)\[/.test(resource)) return "noise";
  return start[2] === undefined ? resource : `${start[2]}: ${resource}`;
}
