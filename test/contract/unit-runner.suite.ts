// What every unit runner has to do. The machine behind it is the harness's: systemd, or the fake.
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { detached, type UnitRunner, type UnitSpec } from "../../src/ports/unit-runner.ts";

/** What a unit does: prints `lines`, waits to be let go if `waits`, prints `after`, ends. */
export type Program = {
  readonly lines?: readonly string[];
  readonly waits?: boolean;
  readonly after?: readonly string[];
  readonly end?: { readonly exit: number } | { readonly signal: string };
};

export type UnitMachine = {
  /** A runner that knows nothing but what the machine knows, as a restarted agent does. */
  agent(): UnitRunner;
  spec(step: string, program: Program, timeoutMs?: number): UnitSpec;
  /** Lets a waiting program go on. */
  letGo(spec: UnitSpec): Promise<void>;
  /** How often the program was started. */
  starts(spec: UnitSpec): Promise<number>;
  /** Whether a process of it lives. */
  lives(spec: UnitSpec): Promise<boolean>;
  /** An agent that starts the unit, sees its first line, and is then killed with SIGKILL. */
  killedAgent(spec: UnitSpec): Promise<void>;
  close(): Promise<void>;
};

/** Far more than an agent takes to attach. */
const attachMs = 1000;

const never = new AbortController().signal;

export function unitRunnerSuite(name: string, open: () => Promise<UnitMachine>): void {
  describe(`unit runner: ${name}`, () => {
    let machine: UnitMachine;
    beforeEach(async () => {
      machine = await open();
    });
    afterEach(() => machine.close());

    it("tells exit code and lines, in order", async () => {
      const spec = machine.spec("code", { lines: ["one", "two"], after: ["three"], end: { exit: 7 } });
      const seen = await run(spec);
      expect(seen).toEqual({ exit: { kind: "exited", code: 7 }, lines: ["one", "two", "three"] });
    });

    it("tells success, a signal and a time-out apart", async () => {
      expect((await run(machine.spec("ok", {}))).exit).toEqual({ kind: "exited", code: 0 });
      const killed = await run(machine.spec("signal", { end: { signal: "KILL" } }));
      expect(killed.exit).toEqual({ kind: "killed", signal: "SIGKILL" });
      const slow = machine.spec("slow", { waits: true }, 400);
      expect((await run(slow)).exit).toEqual({ kind: "timed-out" });
      expect(await machine.lives(slow)).toBe(false);
    });

    it("says lost when the program does not exist", async () => {
      const spec = { ...machine.spec("missing", {}), argv: ["/nonexistent/program"] as const };
      expect((await run(spec)).exit).toMatchObject({ kind: "lost", why: expect.stringMatching(/program/) as string });
    });

    it("returns the exit of a unit that has ended, and does not start it again", async () => {
      const spec = machine.spec("again", { lines: ["once"], end: { exit: 3 } });
      await run(spec);
      expect(await run(spec)).toEqual({ exit: { kind: "exited", code: 3 }, lines: [] });
      expect(await machine.starts(spec)).toBe(1);
    });

    it("starts a forgotten unit anew", async () => {
      const spec = machine.spec("forget", { lines: ["once"] });
      await run(spec);
      await machine.agent().forget(spec.name);
      expect((await run(spec)).lines).toEqual(["once"]);
      expect(await machine.starts(spec)).toBe(2);
    });

    it("attaches the second of two callers at once", async () => {
      const spec = machine.spec("two", { lines: ["hello"], waits: true, end: { exit: 4 } });
      const both = [run(spec), run(spec)];
      await sleep(attachMs);
      await machine.letGo(spec);
      const seen = await Promise.all(both);
      expect(seen.map(({ exit }) => exit)).toEqual([
        { kind: "exited", code: 4 },
        { kind: "exited", code: 4 },
      ]);
      expect(await machine.starts(spec)).toBe(1);
    });

    it("attaches after the agent was killed; old lines are not repeated", async () => {
      const spec = machine.spec("crash", { lines: ["before"], waits: true, after: ["after"], end: { exit: 5 } });
      await machine.killedAgent(spec);
      expect(await machine.lives(spec)).toBe(true);
      const attached = run(spec);
      await sleep(attachMs);
      await machine.letGo(spec);
      expect(await attached).toEqual({ exit: { kind: "exited", code: 5 }, lines: ["after"] });
      expect(await machine.starts(spec)).toBe(1);
    });

    it("knows the exit of a unit that ended while no agent lived", async () => {
      const spec = machine.spec("alone", { lines: ["before"], waits: true, end: { exit: 6 } });
      await machine.killedAgent(spec);
      await machine.letGo(spec);
      await expect.poll(() => machine.lives(spec), { timeout: 15_000 }).toBe(false);
      expect((await run(spec)).exit).toEqual({ kind: "exited", code: 6 });
      expect(await machine.starts(spec)).toBe(1);
    });

    it("attaches without starting anything", async () => {
      const spec = machine.spec("attach", { lines: ["before"], waits: true, after: ["after"], end: { exit: 8 } });
      expect(await machine.agent().attach(spec, never, () => {})).toBe(undefined);
      await machine.killedAgent(spec);
      const lines: string[] = [];
      const attached = machine.agent().attach(spec, never, (line) => lines.push(line));
      await sleep(attachMs);
      await machine.letGo(spec);
      expect(await attached).toEqual({ kind: "exited", code: 8 });
      expect(lines).toEqual(["after"]);
      expect(await machine.agent().attach(spec, never, () => {})).toEqual({ kind: "exited", code: 8 });
      expect(await machine.starts(spec)).toBe(1);
    });

    it("leaves the unit running when it is detached", async () => {
      const spec = machine.spec("detach", { lines: ["up"], waits: true });
      await expect(abortAfterFirstLine(spec, detached)).rejects.toBe(detached);
      expect(await machine.lives(spec)).toBe(true);
      await machine.letGo(spec);
      expect((await run(spec)).exit).toEqual({ kind: "exited", code: 0 });
      expect(await machine.starts(spec)).toBe(1);
    });

    it("stops the unit on any other abort, and starts it anew when asked again", async () => {
      const spec = machine.spec("cancel", { lines: ["up"], waits: true });
      const reason = new Error("cancelled");
      await expect(abortAfterFirstLine(spec, reason)).rejects.toBe(reason);
      expect(await machine.lives(spec)).toBe(false);
      await machine.letGo(spec);
      expect((await run(spec)).exit).toEqual({ kind: "exited", code: 0 });
      expect(await machine.starts(spec)).toBe(2);
    });

    it("starts nothing for a signal that has aborted", async () => {
      const spec = machine.spec("early", {});
      const reason = new Error("too late");
      await expect(machine.agent().run(spec, AbortSignal.abort(reason), () => {})).rejects.toBe(reason);
      expect(await machine.starts(spec)).toBe(0);
    });

    async function run(spec: UnitSpec) {
      const lines: string[] = [];
      const exit = await machine.agent().run(spec, never, (line) => lines.push(line));
      return { exit, lines };
    }

    async function abortAfterFirstLine(spec: UnitSpec, reason: unknown): Promise<void> {
      const controller = new AbortController();
      await machine.agent().run(spec, controller.signal, () => controller.abort(reason));
    }
  });
}
