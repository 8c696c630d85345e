// Needs systemd as PID 1 of a machine that may be told to reboot: test/e2e boots an instance and runs this file inside it.
import { existsSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exec } from "../../src/adapters/host/exec.ts";
import { createMachine } from "../../src/adapters/systemd/machine.ts";

const { signal: never } = new AbortController();
const scheduled = "/run/systemd/shutdown/scheduled";
const unitFiles = "/run/systemd/system";

/** In a container alone: nobody's own machine is told to reboot, not even in an hour. */
const mayReboot =
  existsSync("/run/systemd/container") && readFileSync("/run/systemd/container", "utf8").startsWith("systemd-nspawn");

describe.skipIf(!mayReboot)("machine: systemd", () => {
  const machine = createMachine();

  describe("a scheduled reboot", () => {
    afterEach(() => command("shutdown", "-c"));

    it("of somebody else is seen and taken back", async () => {
      expect(await machine.hasScheduledReboot()).toBe(false);
      await command("shutdown", "-r", "+60", "the engine wants it");
      expect(await machine.hasScheduledReboot()).toBe(true);
      await machine.cancelReboot();
      expect(await machine.hasScheduledReboot()).toBe(false);
      expect(existsSync(scheduled)).toBe(false);
    });

    it("that nobody has scheduled may be taken back, twice", async () => {
      await machine.cancelReboot();
      await machine.cancelReboot();
      expect(await machine.hasScheduledReboot()).toBe(false);
    });

    it("is none where the machine is to be switched off", async () => {
      await command("shutdown", "-P", "+60");
      expect(existsSync(scheduled)).toBe(true);
      expect(await machine.hasScheduledReboot()).toBe(false);
    });
  });

  describe("services", () => {
    const names = ["runs", "idle", "breaks", "refuses"].map((name) => `muster-test-${name}.service`);
    const [runs = "", idle = "", breaks = "", refuses = ""] = names;

    beforeEach(async () => {
      const service = "[Service]\nExecStart=sleep infinity\n";
      await unitFile(runs, service);
      await unitFile(idle, service);
      // Starts once, as what an upgrade has broken.
      await unitFile(
        breaks,
        `[Service]\nType=exec\nExecStart=sleep infinity\nExecStartPre=/bin/sh -c 'mkdir /run/once'\n`,
      );
      await unitFile(refuses, `[Unit]\nRefuseManualStop=yes\n${service}`);
      await command("systemctl", "daemon-reload");
      await command("systemctl", "start", runs, breaks, refuses);
    });

    afterEach(async () => {
      await unitFile(refuses, "[Service]\nExecStart=sleep infinity\n");
      await command("systemctl", "daemon-reload");
      await command("systemctl", "stop", ...names);
      await command("systemctl", "reset-failed", ...names);
      for (const name of names) await rm(`${unitFiles}/${name}`);
      await rm("/run/once", { recursive: true });
      await command("systemctl", "daemon-reload");
    });

    it("that run are restarted; those that cannot be, or do not come back, are told with systemd's words", async () => {
      const before = await mainPid(runs);
      const failed = await machine.restartServices([...names, "muster-test-unknown.service"], never);
      expect(Number(await mainPid(runs))).toBeGreaterThan(Number(before));
      expect(await mainPid(idle)).toBe("0");
      expect([...failed]).toEqual([
        [breaks, expect.stringMatching(/^Job for .* failed because the control process exited with error code/)],
        [refuses, expect.stringContaining("Operation refused")],
        ["muster-test-unknown.service", expect.stringContaining("not found")],
      ]);
      expect(await mainPid(refuses)).not.toBe("0");
    });

    it("that all come back are no trouble, and being restarted twice neither", async () => {
      expect(await machine.restartServices([runs], never)).toEqual(new Map());
      expect(await machine.restartServices([runs, idle], never)).toEqual(new Map());
    });
  });
});

function unitFile(name: string, text: string): Promise<void> {
  return writeFile(`${unitFiles}/${name}`, text);
}

async function mainPid(unit: string): Promise<string> {
  return (await command("systemctl", "show", "--property=MainPID", "--value", unit)).stdout.trim();
}

function command(program: string, ...args: readonly string[]) {
  return exec({ argv: [program, ...args], timeoutMs: 30_000, signal: never });
}
