import { describe, expect, it } from "vitest";
import { exitOf } from "../../../../src/adapters/systemd/exit-marks.ts";

describe("what systemd's mark tells", () => {
  it.each([
    ["success.exited.0", { kind: "exited", code: 0 }],
    ["exit-code.exited.100", { kind: "exited", code: 100 }],
    ["signal.killed.KILL", { kind: "killed", signal: "SIGKILL" }],
    ["core-dump.dumped.SEGV", { kind: "killed", signal: "SIGSEGV" }],
    ["success.killed.TERM", { kind: "killed", signal: "SIGTERM" }],
    ["timeout.killed.TERM", { kind: "timed-out" }],
    ["timeout.exited.0", { kind: "timed-out" }],
    ["oom-kill.killed.TERM", { kind: "lost", why: "the kernel killed it for want of memory" }],
    ["exit-code.exited.203", { kind: "lost", why: "the program could not be executed", notExecuted: true }],
    ["resources..", { kind: "lost", why: 'systemd says "resources"' }],
    ["", { kind: "lost", why: 'systemd says ""' }],
  ])("%s", (mark, exit) => {
    expect(exitOf(mark)).toEqual(exit);
  });
});
