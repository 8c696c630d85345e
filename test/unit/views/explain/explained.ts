import type { StatusReport } from "../../../../src/domain/instance/status.ts";
import { explain, type Explanation } from "../../../../src/views/explain/explain.ts";
import type { ExplainInput } from "../../../../src/views/explain/input.ts";

/** When the explanation is asked for. */
export const now = "2026-01-01T00:30:00.000Z";

export function explained(status: StatusReport | undefined, more: Partial<ExplainInput> = {}): Explanation {
  const settings = { kind: "read", values: [] } as const;
  return explain({ now, status, agent: { kind: "answers" }, settings, role: [], scheduled: [], unread: [], ...more });
}

/** The lines of a row; none where there is no such row. */
export function row(explanation: Explanation, name: string): readonly string[] {
  return explanation.rows.find((each) => each.name === name)?.lines ?? [];
}
