import { expect, test } from "vitest";
import { runProgram } from "../../../../src/cli/program.ts";
import { statusCommand } from "../../../../src/cli/commands/status.ts";
import { waitForEnd } from "../../../../src/cli/commands/wait.ts";
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import type { EventListener } from "../../../../src/domain/run/events.ts";
import type { StatusReport } from "../../../../src/domain/instance/status.ts";
import type { Agent } from "../../../../src/ports/agent.ts";
import { createFakeAgent } from "../../../fakes/agent.ts";
import { createFakeIo, type FakeIo } from "../../../fakes/command-io.ts";
import { at, fresh, held, serving, starting } from "../reports.ts";

type Follow = (onEvent: EventListener, signal: AbortSignal) => Promise<void>;

function until(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Waits through agents, one after the other, as daemons that are restarted. */
async function wait(
  agents: readonly Agent[],
  argv: readonly string[] = [],
  io: FakeIo = createFakeIo(),
  startedByCloudInit = () => false,
) {
  const left = [...agents];
  const command = statusCommand({
    read: () => Promise.reject(new Error("not stubbed")),
    connect: async () => left.shift() ?? (await Promise.reject(new Error("no further daemon"))),
    wait: (agent, screen, verbose) => waitForEnd(agent, screen, verbose, startedByCloudInit),
  });
  const program = { version: "", commands: { status: async () => command } };
  const code = await runProgram(program, ["status", "--wait", ...argv], io);
  return { code, stdout: io.stdout(), stderr: io.stderr(), left: left.length };
}

test("answers at once when there is nothing to wait for", async () => {
  const agent = createFakeAgent({ status: async () => serving, follow: (_onEvent, signal) => until(signal) });
  const { code, stdout } = await wait([agent]);
  expect(code).toBe(0);
  expect(stdout).toContain("state     in service");
});

test("shows the run under way until it has ended", async () => {
  let current = starting;
  const follow: Follow = async (onEvent, signal) => {
    onEvent({ type: "stage-started", stage: "health", at });
    onEvent({ type: "stage-progress", stage: "health", text: "1 of 2 checks not passing", waiting: true, at });
    await new Promise((resolve) => setTimeout(resolve, 20));
    current = held;
    onEvent({ type: "state-changed", state: "held", reason: "x", at });
    await until(signal);
  };
  const { code, stdout } = await wait([createFakeAgent({ status: async () => current, follow })]);
  expect(code).toBe(3);
  expect(stdout).toContain("  · health    1 of 2 checks not passing\n");
  expect(stdout).toContain("state     held (out of service)");
});

test("with --json prints nothing but the report", async () => {
  const agent = createFakeAgent({
    status: async () => serving,
    async follow(onEvent, signal) {
      onEvent({ type: "notice", level: "info", code: "tag-refused", text: "noise", at });
      await until(signal);
    },
  });
  expect(JSON.parse((await wait([agent], ["--json"])).stdout)).toEqual(serving);
});

test.each([
  ["ends its stream", async () => undefined],
  ["breaks off", async () => await Promise.reject(new MusterError({ code: "daemon-lost", message: "", hint: "" }))],
])("goes on with the next daemon when one %s", async (_how, follow) => {
  const dying = createFakeAgent({ status: async () => starting, follow });
  const next = createFakeAgent({ status: async () => serving, follow: (_onEvent, signal) => until(signal) });
  expect(await wait([dying, next])).toMatchObject({ code: 0, left: 0 });
});

test("gives up on a daemon that it does not understand", async () => {
  const refusing = new MusterError({ code: "control-refused", message: "HTTP 400", hint: "Restart it." });
  const agent = createFakeAgent({
    status: () => Promise.reject(refusing),
    follow: (_onEvent, signal) => until(signal),
  });
  expect(await wait([agent, agent])).toMatchObject({ code: 1, left: 1 });
});

test("Ctrl-C ends it quietly", async () => {
  const io = createFakeIo();
  const agent = createFakeAgent({
    status: async () => starting,
    async follow(_onEvent, signal) {
      setTimeout(() => io.interrupt(), 10);
      await until(signal);
    },
  });
  expect(await wait([agent], [], io)).toMatchObject({ code: 130, stderr: "" });
});

test("a daemon that falls silent while it is waited for is not waited for any longer", async () => {
  const io = createFakeIo();
  let silent = false;
  const agent = createFakeAgent({
    async status() {
      if (silent) throw new MusterError({ code: "daemon-silent", message: "The daemon does not answer", hint: "look" });
      return starting;
    },
    follow: (_onEvent, signal) => until(signal),
  });
  const waiting = wait([agent], [], io);
  await new Promise((resolve) => setTimeout(resolve, 20));
  silent = true;
  io.tick(15_000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  silent = false;
  io.tick(15_000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  silent = true;
  for (let look = 0; look < 2; look += 1) io.tick(15_000);
  expect(await waiting).toMatchObject({ code: 5, stderr: expect.stringContaining("daemon-silent") as string });
});

const waiting: StatusReport = {
  ...fresh,
  state: "starting",
  reason: "waiting for cloud-init, at most 10 min; the boot run begins when it is done",
  waitsFor: "cloud-init",
};

test("that cloud-init is waited for is said at once, and once", async () => {
  let current = waiting;
  const follow: Follow = async (onEvent, signal) => {
    onEvent({ type: "state-changed", state: "starting", reason: "x", at });
    await new Promise((resolve) => setTimeout(resolve, 20));
    current = serving;
    onEvent({ type: "state-changed", state: "in-service", reason: "x", at });
    await until(signal);
  };
  const { code, stdout } = await wait([createFakeAgent({ status: async () => current, follow })]);
  expect(code).toBe(0);
  expect(stdout.match(/waiting for cloud-init, at most 10 min/g)).toHaveLength(1);
});

test("a wait that cloud-init waits for ends at once, with its own exit status", async () => {
  const agent = createFakeAgent({ status: async () => waiting, follow: (_onEvent, signal) => until(signal) });
  const ended = await wait([agent], [], createFakeIo(), () => true);
  expect(ended).toMatchObject({ code: 6, stderr: expect.stringContaining("(cloud-init-waits)") as string });
  // Where the boot run waits for nothing, user data may wait for it.
  const other = createFakeAgent({ status: async () => serving, follow: (_onEvent, signal) => until(signal) });
  expect(await wait([other], [], createFakeIo(), () => true)).toMatchObject({ code: 0 });
});
