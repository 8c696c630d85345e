import type { ConfigRepo } from "../../ports/config-repo.ts";
import type { StageContext } from "../../ports/stage-context.ts";
import { shortOf } from "./plan.ts";
import type { ConfigStep } from "./plan.ts";

/** Does one step; returns the worktree's path if it made one. */
export async function act(step: ConfigStep, repo: ConfigRepo, context: StageContext): Promise<string | undefined> {
  switch (step.kind) {
    case "check-out":
      context.progress(`checking out ${shortOf(step.commit)}`);
      return repo.checkout(step.commit, context.signal);
    case "prune":
      await repo.prune(step.keep, context.signal);
      return undefined;
    default:
      return step satisfies never;
  }
}
