import type { StageName } from "../../src/domain/run/run.ts";
import type { StageContext } from "../../src/ports/stage-context.ts";

/** A stage's context that keeps what it was told. */
export type RecordingContext = StageContext & {
  readonly said: readonly string[];
  readonly printed: readonly string[];
  readonly warnings: readonly string[];
};

export function recordingContext(
  stage: StageName,
  signal: AbortSignal = new AbortController().signal,
): RecordingContext {
  const said: string[] = [];
  const printed: string[] = [];
  const warnings: string[] = [];
  return {
    run: "20261121T010000-abcd",
    stage,
    signal,
    progress: (text) => void said.push(text),
    waiting: (text) => void said.push(`waiting: ${text}`),
    output: (line) => void printed.push(line),
    warn: (code, text) => void warnings.push(`${code}: ${text}`),
    said,
    printed,
    warnings,
  };
}
