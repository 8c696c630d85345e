import type { Timeline } from "../../../../src/views/timeline/timeline.ts";

/** `1040-1042 own index`: one part a line. */
export function pathOf({ criticalPath }: Timeline): readonly string[] {
  return criticalPath.map(({ fromMs, toMs, kind, stage, name }) =>
    [`${fromMs}-${toMs}`, kind, stage, name].filter((part) => part !== undefined).join(" "),
  );
}

/** `config 25-350 changed 0`: one a line, with its outcome and its lane. */
export function stagesOf({ stages }: Timeline): readonly string[] {
  return stages.map(({ stage, fromMs, toMs, outcome, lane }) => `${stage} ${fromMs}-${toMs} ${outcome} ${lane}`);
}
