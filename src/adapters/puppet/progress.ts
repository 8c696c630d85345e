import { publicResource } from "../../domain/redact/brief.ts";
import type { StageContext } from "../../ports/stage-context.ts";
import { resourceIn } from "./resource.ts";

/** How often to show another resource to a person. */
const paceMs = 500;

/**
 * Turns Puppet's output into progress and output: the trace of resources becomes `12 of 41: Package[nginx]` at a
 * readable pace, other lines are passed on as they are.
 */
export function createPuppetProgress(context: StageContext) {
  let latest: Shown | undefined;
  let resting: NodeJS.Timeout | undefined;

  /** The first one at once, then the latest of each interval: a slow resource stays visible. */
  function show(next: Shown): void {
    latest = next;
    if (resting === undefined) flush();
  }

  function flush(): void {
    resting = undefined;
    if (latest === undefined) return;
    context.progress(latest.text, latest.publicText);
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
      if (compiled?.[1] === undefined) return;
      const words = `catalogue compiled in ${Number(compiled[1]).toFixed(1)} s, applying it`;
      show({ text: words, publicText: words });
    },
    end(): void {
      clearTimeout(resting);
    },
  };
}

/** Puppet's present work, for root, and for other readers: titles of resources may be command lines. */
type Shown = { readonly text: string; readonly publicText: string };

/** The meaning of a line of `--evaltrace`; `noise` for lines without one. */
function traceOf(line: string): Shown | "noise" | undefined {
  if (/^Info: .*: Evaluated in [\d.]+ seconds$/.test(line)) return "noise";
  const start = /^Info: (.*): Starting to evaluate the resource(?: \((\d+ of \d+)\))?$/.exec(line);
  if (start === null) return undefined;
  const resource = resourceIn(start[1] ?? "");
  if (resource === undefined || /^(Stage|Class|Schedule|Filebucket)\[/.test(resource)) return "noise";
  const place = start[2] === undefined ? "" : `${start[2]}: `;
  return { text: `${place}${resource}`, publicText: `${place}${publicResource(resource)}` };
}
