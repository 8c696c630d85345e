// What agent.ts printed, in an instance that has the repository.
import type { PatchResult } from "../../../src/stages/patch/result.ts";
import type { Instance } from "../../lab/instance.ts";
import { inside, runtimeCommand } from "../inside.ts";

export type Said = {
  readonly result?: {
    readonly value: PatchResult;
    readonly outcome: string;
    readonly summary: string;
    readonly facts: Readonly<Record<string, unknown>>;
  };
  readonly error?: { readonly code: string; readonly message: string };
  readonly lines: readonly Record<string, string>[];
};

/** Runs a stage and waits for its end. */
export async function patchStageIn(instance: Instance, ...args: readonly string[]): Promise<Said> {
  const command = await runtimeCommand("node", `${inside}/test/e2e/patch/agent.ts`, ...args);
  const { stdout } = await instance.exec(command, { timeout: 300_000 });
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, string>);
  return { ...lines.at(-1), lines };
}
