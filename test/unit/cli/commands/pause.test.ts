import { expect, test } from "vitest";
import { pauseCommand, resumeCommand } from "../../../../src/cli/commands/pause.ts";
import { runProgram } from "../../../../src/cli/program.ts";
import type { PauseRequest } from "../../../../src/domain/instance/pause.ts";
import type { Pauses } from "../../../../src/ports/pauses.ts";
import { createFakeIo } from "../../../fakes/command-io.ts";

const now = "2026-01-01T00:03:00.000Z";

/** Pauses as a daemon keeps them. */
function keeping() {
  const asked: PauseRequest[] = [];
  const pauses: Pauses = {
    async begin(request) {
      asked.push(request);
      const until = new Date(Date.parse(now) + request.forMs).toISOString();
      return { reason: request.reason, by: request.by, since: now, until };
    },
    async end() {
      const [was] = asked.splice(0);
      return was && { reason: was.reason, by: was.by, since: now, until: now };
    },
  };
  async function muster(...argv: readonly string[]) {
    const io = createFakeIo({ isTty: true, now });
    const commands = {
      pause: async () => pauseCommand({ pauses, who: "alice" }),
      resume: async () => resumeCommand({ pauses }),
    };
    const code = await runProgram({ version: "", commands }, argv, io);
    return { code, stdout: io.stdout(), stderr: io.stderr() };
  }
  return { asked, muster };
}

test("a pause says until when, and how to end it; resume says what it was", async () => {
  const { asked, muster } = keeping();
  expect(await muster("pause", "--reason", "disk is looked at")).toEqual({
    code: 0,
    stdout: "Paused until 2026-01-01 01:03:00 UTC (1 h): disk is looked at\nmuster resume ends it before\n",
    stderr: "",
  });
  expect(asked).toEqual([{ reason: "disk is looked at", by: "alice", forMs: 3_600_000 }]);
  expect((await muster("resume")).stdout).toBe("Resumed. It was paused by alice: disk is looked at\n");
  expect(await muster("resume")).toEqual({ code: 0, stdout: "Nothing was paused.\n", stderr: "" });
});

test("as JSON, also where there is nothing to tell", async () => {
  const { muster } = keeping();
  const { stdout } = await muster("pause", "--reason", "x", "--for", "1h30m", "--json");
  expect(JSON.parse(stdout)).toEqual({ reason: "x", by: "alice", since: now, until: "2026-01-01T01:33:00.000Z" });
  expect(JSON.parse((await muster("resume", "--json")).stdout)).toMatchObject({ by: "alice" });
  expect(JSON.parse((await muster("resume", "--json")).stdout)).toBeNull();
});

test.for([[], ["--reason", " "]])("no reason, no pause: %j", async (options) => {
  const { asked, muster } = keeping();
  expect(await muster("pause", ...options)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("usage-reason-missing") as string,
  });
  expect(asked).toEqual([]);
});

test.for(["0s", "25h", "tomorrow", "-1h"])("a pause does not last %s", async (time) => {
  const { asked, muster } = keeping();
  expect(await muster("pause", "--reason", "x", `--for=${time}`)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("usage-duration") as string,
  });
  expect(asked).toEqual([]);
});
