// Needs systemd as PID 1: test/e2e/lab boots an instance and runs this file inside it.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createCommandWatch } from "../../src/adapters/host/command-watch.ts";
import { exec } from "../../src/adapters/host/exec.ts";
import { createUnitRunner } from "../../src/adapters/systemd/unit-runner.ts";
import type { WatchNews } from "../../src/ports/command-watch.ts";
import type { UnitSpec } from "../../src/ports/unit-runner.ts";
import { unitRunnerSuite, type Program, type UnitMachine } from "./unit-runner.suite.ts";

const never = new AbortController().signal;

const underSystemd = existsSync("/run/systemd/system");

describe.skipIf(!underSystemd)("with systemd", () => {
  unitRunnerSuite("systemd", openMachine);

  describe("unit runner: what only systemd can show", () => {
    it("hands arguments over as they are, in a fixed environment", async () => {
      const machine = await openMachine();
      const script = 'printf "[%s]\\n" "$@" "$PATH" "$HOME" "$GREETING" "$PWD" "$(umask)"';
      const odd = ["$HOME", "${HOME}", "$$", "%n %%", "a  b", "", "'\"", ";", "\\n", "-x", "@y"];
      const spec = machine.spec("args", {});
      const lines: string[] = [];
      const given = { ...spec, argv: ["/bin/sh", "-c", script, "sh", ...odd] as const, env: { GREETING: "h $PATH i" } };
      await machine.agent().run(given, never, (line) => lines.push(line));
      expect(lines.slice(0, odd.length)).toEqual(odd.map((arg) => `[${arg}]`));
      expect(lines.slice(odd.length)).toEqual([
        expect.stringMatching(/^\[\/opt\/puppetlabs\/bin:.*\/bin\]$/) as string,
        "[/root]",
        "[h $PATH i]",
        "[/]",
        "[0022]",
      ]);
      await machine.close();
    });

    it("tells lines from noise: bad UTF-8, colours, carriage returns, endless lines, no last newline", async () => {
      const machine = await openMachine();
      const spec = machine.spec("noise", {});
      const script =
        "printf 'ok \\377\\n\\033[31mred\\033[0m\\n10%%\\r20%%\\r\\n'; head -c 9000 /dev/zero | tr '\\0' x; printf '\\nlast'";
      const lines: string[] = [];
      await machine.agent().run({ ...spec, argv: ["/bin/sh", "-c", script] }, never, (line) => lines.push(line));
      expect(lines).toEqual(["ok \ufffd", "red", "10%", "20%", `${"x".repeat(4096)}…`, "last"]);
      await machine.close();
    });

    it("leaves running what the program left in the background, and starts its name again all the same", async () => {
      const machine = await openMachine();
      // As Puppet ends when it has changed something: no failure.
      const spec = leaving(machine, "left", "exit 2");
      const first = await linesOf(machine, spec);
      expect(first.exit).toEqual({ kind: "exited", code: 2 });
      expect(await machine.agent().run(spec, never, () => undefined)).toEqual(first.exit);
      expect((await systemctl("--failed", "--no-legend")).stdout).not.toContain(spec.name);
      await machine.agent().forget(spec.name);
      // Another unit does the work now, and an agent that knows nothing of it finds its exit.
      const second = await linesOf(machine, spec);
      expect(second.exit).toEqual({ kind: "exited", code: 2 });
      expect(await machine.agent().attach(spec, never, () => undefined)).toEqual(second.exit);
      const [one, other] = [first.lines[0], second.lines[0]];
      expect(one).not.toBe(other);
      expect([alive(one), alive(other)]).toEqual([true, true]);
      process.kill(Number(one));
      process.kill(Number(other));
      await machine.close();
    });

    it("attaches to the second unit of a name after the agent was killed, with a child of the first alive", async () => {
      const machine = await openMachine();
      const before = await linesOf(machine, leaving(machine, "twice", "exit 0"));
      const spec = machine.spec("twice", { lines: ["up"], waits: true, end: { exit: 5 } });
      await machine.agent().forget(spec.name);
      await machine.killedAgent(spec);
      const attached = machine.agent().run(spec, never, () => undefined);
      await machine.letGo(spec);
      expect(await attached).toEqual({ kind: "exited", code: 5 });
      expect(await machine.starts(spec)).toBe(1);
      expect(alive(before.lines[0])).toBe(true);
      process.kill(Number(before.lines[0]));
      await machine.close();
    });

    it.each([
      ["a time-out", "sleep 1000", { kind: "timed-out" }],
      ["a signal that kills the program", "kill -KILL $$", { kind: "killed", signal: "SIGKILL" }],
      ["a stop that the program answers with success", "trap 'exit 0' TERM; touch $1; sleep 1000 & wait", undefined],
    ])("ends what the program left in the background after %s", async (_, script, exit) => {
      const machine = await openMachine();
      const spec = { ...leaving(machine, "all", script), timeoutMs: exit?.kind === "timed-out" ? 700 : 30_000 };
      const { signal, abort } = cancelling();
      const lines: string[] = [];
      const ended = machine.agent().run(spec, signal, (line) => lines.push(line));
      if (exit === undefined) {
        await expect.poll(() => existsSync(flagOf(spec)), { timeout: 10_000 }).toBe(true);
        abort(cancelled);
        await expect(ended).rejects.toBe(cancelled);
      } else {
        expect(await ended).toEqual(exit);
      }
      expect(lines[0]).toMatch(/^\d+$/);
      expect(alive(lines[0])).toBe(false);
      await machine.close();
    });

    it("is told the exit of a unit under which systemd was reloaded", async () => {
      const machine = await openMachine();
      const argv = ["/bin/sh", "-c", "systemctl daemon-reload; exit 2"] as const;
      expect(await machine.agent().run({ ...machine.spec("reload", {}), argv }, never, () => undefined)).toEqual({
        kind: "exited",
        code: 2,
      });
      await machine.close();
    });

    it("is told of with the place at which its output begins, after what an earlier one left in the file", async () => {
      const machine = await openMachine();
      const spec = machine.spec("place", { lines: ["one"] });
      const told: WatchNews[] = [];
      for (const _ of [1, 2]) {
        await createCommandWatch().during(
          (news) => told.push(news),
          () => machine.agent().run(spec, never, () => undefined),
        );
        await machine.agent().forget(spec.name);
      }
      const { name, logFile } = spec;
      expect(told.flatMap((news) => (news.type === "command-started" ? [news.unit] : []))).toEqual([
        { name, logFile, from: 0 },
        { name, logFile, from: "one\n".length },
      ]);
      await machine.close();
    });

    it("notices a unit that somebody else stopped", async () => {
      const machine = await openMachine();
      const spec = machine.spec("stopped", { lines: ["up"], waits: true });
      const exit = await machine.agent().run(spec, never, () => void systemctl("stop", `${spec.name}.service`));
      expect(exit).toEqual({ kind: "killed", signal: "SIGTERM" });
      await machine.close();
    });
  });
});

const cancelled = new Error("cancelled");

function cancelling() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason: unknown) => controller.abort(reason) };
}

function flagOf(spec: UnitSpec): string {
  return `${spec.logFile}.flag`;
}

/** Prints the process that it leaves behind, which is in no group and no session of the program, then does `then`. */
function leaving(machine: UnitMachine, step: string, then: string): UnitSpec {
  const spec = machine.spec(step, {});
  const script = `setsid sleep 1000 & echo $!; sleep 0.2; ${then}`;
  return { ...spec, argv: ["/bin/bash", "-c", script, "bash", flagOf(spec)] };
}

async function linesOf(machine: UnitMachine, spec: UnitSpec) {
  const lines: string[] = [];
  const exit = await machine.agent().run(spec, never, (line) => lines.push(line));
  return { exit, lines };
}

/** Whether the process is there, and no zombie. */
function alive(pid: string | undefined): boolean {
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "utf8") : "";
  return stat !== "" && !/\) [ZX] /.test(stat);
}

async function openMachine(): Promise<UnitMachine> {
  // Not under /run/muster: an agent may be at work in the same instance.
  const directory = await mkdtemp("/run/muster-test-");
  const names: string[] = [];
  const runtime = join(directory, "run");

  function spec(step: string, program: Program, timeoutMs = 30_000): UnitSpec {
    const name = `muster-test-${directory.slice(-6)}-${step}`.replaceAll(/[^A-Za-z0-9-]/g, "x");
    names.push(name);
    return {
      name,
      description: `contract test ${step}`,
      argv: ["/bin/sh", "-c", scriptOf(program), "sh", `${directory}/${name}`],
      env: {},
      logFile: `${directory}/logs/${name}.log`,
      timeoutMs,
    };
  }

  return {
    agent: () => createUnitRunner(runtime),
    spec,
    letGo: ({ name }) => writeFile(`${directory}/${name}.go`, ""),
    async starts({ name }) {
      const starts = await readFile(`${directory}/${name}.starts`, "utf8").catch(() => "");
      return starts.length;
    },
    async lives({ name }) {
      const { stdout } = await systemctl("show", "--property=SubState", "--value", `${name}.service`);
      return ["start", "running", "stop-sigterm", "stop-sigkill"].includes(stdout.trim());
    },
    killedAgent: (spec) => killedAgent(spec, runtime),
    async close() {
      for (const name of names) await systemctl("stop", `${name}.service`);
      await rm(directory, { recursive: true });
    },
  };
}

function scriptOf({ lines = [], waits = false, after = [], end = { exit: 0 } }: Program): string {
  return [
    'printf x >> "$1.starts"',
    ...lines.map((line) => `echo '${line}'`),
    ...(waits ? ['while [ ! -e "$1.go" ]; do sleep 0.05; done'] : []),
    ...after.map((line) => `echo '${line}'`),
    "exit" in end ? `exit ${end.exit}` : `kill -${end.signal} $$`,
  ].join("\n");
}

/** A process of its own: what it holds in memory and in file descriptors is really gone. */
async function killedAgent(spec: UnitSpec, runtime: string): Promise<void> {
  const file = join(import.meta.dirname, "unit-runner.agent.ts");
  const agent = spawn(process.execPath, [file, runtime, JSON.stringify(spec)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve, reject) => {
    agent.stdout.once("data", resolve);
    agent.once("exit", (code) => reject(new Error(`the agent ended by itself: ${code}`)));
  });
  const ended = new Promise((resolve) => agent.once("exit", resolve));
  agent.kill("SIGKILL");
  await ended;
}

function systemctl(...args: readonly string[]) {
  return exec({ argv: ["systemctl", ...args], timeoutMs: 60_000, signal: never });
}
