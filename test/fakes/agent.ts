import type { Agent } from "../../src/ports/agent.ts";

const unexpected = async () => await Promise.reject(new Error("not stubbed"));

/** An agent that fails loudly on what a test did not say. */
export function createFakeAgent(parts: Partial<Agent>): Agent {
  return {
    run: unexpected,
    membership: unexpected,
    cancel: unexpected,
    status: unexpected,
    follow: unexpected,
    ...parts,
  };
}
