import { expect, test } from "vitest";
import { serving } from "../../cli/reports.ts";
import { explained, row } from "./explained.ts";

test("why that commit: what it is the head of, who asked for that, where it came from, what was before it", () => {
  const commit = "0123456789abcdef0123456789abcdef01234567";
  const from = { value: "v2", from: "tag muster:ref" };
  const selection = { role: from, environment: from, ref: from, refused: [] };
  const config = {
    commit,
    ref: "v2",
    refKind: "tag",
    subject: "two",
    fetched: false,
    before: "fedcba9876543210",
  } as const;
  const status = { ...serving, selection, config };
  expect(row(explained(status), "commit")).toEqual([
    '0123456789ab "two"',
    "tag v2 (tag muster:ref), from the local mirror: the git server did not answer; before it: fedcba987654",
  ]);
  const { config: _config, ...unchosen } = status;
  const applied = {
    commit,
    ref: "v1",
    refKind: "tag",
    subject: "two",
    author: "Ann Author",
    committedAt: "2025-12-31T00:00:00.000Z",
    at: "2026-01-01T00:00:00.000Z",
    former: "fedcba9876543210",
  } as const;
  const named = '0123456789ab "two" by Ann Author, 2025-12-31 00:00:00 UTC (1 d ago)';
  const chosen = "applied as tag v1 at 00:00:00 UTC (30 min ago)";
  expect(row(explained(unchosen, { applied }), "commit")).toEqual([
    `none chosen in this run; applied last: ${named}`,
    chosen,
  ]);
  const { author, committedAt } = applied;
  const joined = { ...config, author, committedAt, ref: commit, refKind: "commit", before: commit } as const;
  expect(row(explained({ ...status, config: joined }, { applied }), "commit"), "after muster join").toEqual([
    named,
    chosen,
  ]);
});

test("where the commit may be what fails, the way back to the one before is told, also after a retry", () => {
  const error = { code: "health-failed", message: "1 of 1 health checks did not pass", hint: "Look at it." };
  const config = { commit: "0123456789abcdef", ref: "main", refKind: "branch", subject: "two", fetched: true } as const;
  const held = { ...serving, state: "held", error, heldAt: "health" } as const;
  const back =
    "If the commit is the cause: git revert 0123456789ab in the config repo, or muster run --ref fedcba987654 for the one before";
  const former = "fedcba9876543210";
  expect(explained({ ...held, config: { ...config, before: former } }).todo).toContain(back);
  const applied = {
    commit: config.commit,
    ref: "main",
    refKind: "branch",
    at: "2026-01-01T00:00:00.000Z",
    former,
  } as const;
  const again = { ...config, before: config.commit };
  expect(explained({ ...held, config: again }, { applied }).todo).toContain(back);
  expect(explained({ ...held, config: again }).todo).not.toContain(back);
  expect(explained({ ...held, heldAt: "patch", config: { ...config, before: former } }).todo).not.toContain(back);
});
