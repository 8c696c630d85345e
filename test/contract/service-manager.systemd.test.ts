// Needs systemd as PID 1: test/e2e/lab boots an instance and runs this file inside it.
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exec } from "../../src/adapters/host/exec.ts";
import { createServiceManager } from "../../src/adapters/systemd/service-manager.ts";
import { createUnitRunner } from "../../src/adapters/systemd/unit-runner.ts";
import type { UnitSpec } from "../../src/ports/unit-runner.ts";

const never = new AbortController().signal;
const dropIns = "/run/systemd/system";
const daemon = "muster-test-daemon.service";
const child = "muster-test-child";
const target = "muster-test.target";
const slow = { timeout: 15_000, interval: 50 };

describe.skipIf(!existsSync(dropIns))("service manager: systemd", () => {
  const manager = createServiceManager({ pid: process.pid, env: {} }, dropIns);
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp("/run/muster-test-");
  });
  afterEach(async () => {
    await systemctl("stop", daemon, `${child}.service`, target);
    await systemctl("reset-failed", daemon);
    await rm(directory, { recursive: true });
    await rm(`${dropIns}/${target}.d`, { recursive: true, force: true });
    await rm(`${dropIns}/${target}`, { force: true });
    await systemctl("daemon-reload");
  });

  it("says ready, status and stopping without the right to speak in the daemon's name", async () => {
    const started = startDaemon("--property=CapabilityBoundingSet=CAP_DAC_OVERRIDE", directory);
    // A status with line breaks in it is one status: no READY=1 sneaks in.
    await expect.poll(() => show(daemon, "StatusText"), slow).toBe("count 100 READY=1 MAINPID=1");
    expect(await show(daemon, "ActiveState")).toBe("activating");
    await writeFile(join(directory, "ready"), "");
    expect((await started).code).toBe(0);
    expect(await show(daemon, "ActiveState")).toBe("active");
    // systemd did not ask for it: only STOPPING=1 tells that the daemon is on its way out.
    await systemctl("kill", "--kill-whom=main", "--signal=TERM", daemon);
    await expect.poll(() => show(daemon, "SubState"), slow).toBe("stop-sigterm");
    await writeFile(join(directory, "end"), "");
    await expect.poll(() => show(daemon, "ActiveState"), slow).toBe("inactive");
  });

  it("keeps the watchdog quiet, and a daemon that hangs is killed", async () => {
    await startDaemon("--property=WatchdogSec=2s");
    await new Promise((resolve) => setTimeout(resolve, 4500));
    expect(await show(daemon, "ActiveState")).toBe("active");
    await systemctl("kill", "--kill-whom=main", "--signal=STOP", daemon);
    await expect.poll(() => show(daemon, "Result"), slow).toBe("watchdog");
  });

  it("leaves units alone when the daemon is killed, killed by the watchdog's signal, or restarted", async () => {
    const go = join(directory, "go");
    const spec: UnitSpec = {
      name: child,
      description: "child",
      argv: ["/bin/sh", "-c", 'echo up; while [ ! -e "$1" ]; do sleep 0.05; done; exit 9', "sh", go],
      env: {},
      logFile: join(directory, "child.log"),
      timeoutMs: 60_000,
    };
    const runtime = join(directory, "run");
    await startDaemon("--property=Restart=always", "--property=KillMode=mixed", runtime, JSON.stringify(spec));
    await expect.poll(() => show(`${child}.service`, "ActiveState"), slow).toBe("active");
    const pid = await show(`${child}.service`, "MainPID");
    for (const signal of ["KILL", "ABRT"]) {
      const restarts = Number(await show(daemon, "NRestarts"));
      await systemctl("kill", "--kill-whom=main", `--signal=${signal}`, daemon);
      await expect.poll(() => show(daemon, "NRestarts"), slow).toBe(String(restarts + 1));
      await expect.poll(() => show(daemon, "ActiveState"), slow).toBe("active");
    }
    await systemctl("restart", daemon);
    await systemctl("stop", daemon);
    expect(await show(`${child}.service`, "MainPID")).toBe(pid);
    await writeFile(go, "");
    expect(await createUnitRunner(runtime).run(spec, never, () => {})).toEqual({ kind: "exited", code: 9 });
  });

  it("starts and stops a unit without waiting, and any number of times", async () => {
    await writeFile(`${dropIns}/${target}`, "[Unit]\nDescription=test\n");
    await systemctl("daemon-reload");
    for (const state of ["active", "inactive"]) {
      for (const _twice of [1, 2]) await (state === "active" ? manager.start(target) : manager.stop(target));
      await expect.poll(() => show(target, "ActiveState"), slow).toBe(state);
    }
  });

  it("throws what systemd says of a unit that does not exist", async () => {
    await expect(manager.start("muster-nonexistent.service")).rejects.toMatchObject({
      code: "systemd-failed",
      message: expect.stringContaining("muster-nonexistent.service not found") as string,
    });
  });

  it("orders a unit after others at once, and writes nothing the second time", async () => {
    await writeFile(`${dropIns}/${target}`, "[Unit]\nDescription=test\n");
    await systemctl("daemon-reload");
    await manager.orderAfter(target, ["nginx", "php-fpm.service", "nginx.service"], 42_000);
    expect((await show(target, "After")).split(" ")).toEqual(
      expect.arrayContaining(["nginx.service", "php-fpm.service"]) as string[],
    );
    const file = `${dropIns}/${target}.d/50-muster-order.conf`;
    const before = await stat(file, { bigint: true });
    await manager.orderAfter(target, ["php-fpm.service", "nginx"], 42_000);
    expect((await stat(file, { bigint: true })).ino).toBe(before.ino);
    expect(await readFile(file, "utf8")).toContain("TimeoutStopSec=42s");
    await expect(manager.orderAfter(target, ["x\nWants=y"], 1)).rejects.toThrow("not a unit name");
  });

  it("takes up an order that an agent wrote and did not live to apply", async () => {
    await writeFile(`${dropIns}/${target}`, "[Unit]\nDescription=test\n");
    await systemctl("daemon-reload");
    await manager.orderAfter(target, ["one.service"], 1000);
    const file = `${dropIns}/${target}.d/50-muster-order.conf`;
    await writeFile(file, (await readFile(file, "utf8")).replace("one.service", "two.service"));
    await manager.orderAfter(target, ["two.service"], 1000);
    expect(await show(target, "After")).toContain("two.service");
  });
});

describe.skipIf(!existsSync(dropIns))("the units of muster", () => {
  it("pass systemd-analyze verify", async () => {
    const units = ["muster.service", "muster-ready.target", "muster-leave.service"];
    const files = units.map((unit) => join(import.meta.dirname, "../../systemd", unit));
    const { stderr, code } = await exec({
      argv: ["systemd-analyze", "verify", ...files],
      timeoutMs: 30_000,
      signal: never,
    });
    const complaints = stderr
      .split("\n")
      .filter((line) => line.includes("muster") && !/muster is not executable/.test(line));
    expect({ code, complaints }).toEqual({ code: existsSync("/usr/bin/muster") ? 0 : 1, complaints: [] });
  });
});

function startDaemon(...args: readonly string[]) {
  const options = args.filter((arg) => arg.startsWith("--"));
  const rest = args.filter((arg) => !arg.startsWith("--"));
  const agent = join(import.meta.dirname, "service-manager.agent.ts");
  const run = ["systemd-run", "--quiet", `--unit=${daemon}`, "--service-type=notify", "--property=NotifyAccess=all"];
  const argv = [...run, ...options, process.execPath, agent, ...rest] as [string, ...string[]];
  return exec({ argv, timeoutMs: 30_000, signal: never });
}

async function show(unit: string, property: string): Promise<string> {
  return (await systemctl("show", `--property=${property}`, "--value", unit)).stdout.trim();
}

function systemctl(...args: readonly string[]) {
  return exec({ argv: ["systemctl", ...args], timeoutMs: 60_000, signal: never });
}
