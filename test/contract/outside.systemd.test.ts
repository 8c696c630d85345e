// Needs systemd as PID 1: test/e2e/systemd.test.ts boots an instance and runs this file inside it.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createOutside } from "../../src/adapters/systemd/outside.ts";

const never = new AbortController().signal;
const slow = { timeout: 10_000, interval: 50 };

describe.skipIf(!existsSync("/run/systemd/system"))("commands outside the sandbox: systemd", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp("/run/muster-test-");
  });
  afterEach(() => rm(directory, { recursive: true }));

  function run(script: string, { timeoutMs = 10_000, signal = never, maxBytes = 1000 } = {}) {
    const argv = ["/bin/bash", "-c", script, "bash", join(directory, "pid")] as const;
    return createOutside(directory)({ argv, timeoutMs, signal, maxBytes });
  }

  async function leftAlive(): Promise<boolean> {
    const pid = (await readFile(join(directory, "pid"), "utf8")).trim();
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    return stat !== "" && !/\) [ZX] /.test(stat);
  }

  it("tells exit code and output of both streams, in order, and leaves nothing behind", async () => {
    const script = 'echo one; echo "two $HOME" >&2; printf three; exit 7';
    expect(await run(script)).toEqual({ outcome: "exited", code: 7, stdout: "one\ntwo /root\nthree", stderr: "" });
    expect(await readdir(join(directory, "commands"))).toEqual(["mark.sh"]);
  });

  it("tells a success, a signal and a missing program apart, and each from systemd-run's own exit 1", async () => {
    expect(await run("true")).toMatchObject({ outcome: "exited", code: 0 });
    expect(await run("exit 1")).toMatchObject({ outcome: "exited", code: 1 });
    expect(await run("kill -KILL $$")).toMatchObject({ outcome: "killed" });
    const strange = join(directory, "strange");
    await writeFile(strange, "#!/nonexistent/interpreter\n", { mode: 0o755 });
    for (const program of ["/nonexistent/program", "no-such-program", strange]) {
      const request = { argv: [program], timeoutMs: 10_000, signal: never, maxBytes: 10 } as const;
      expect(await createOutside(directory)(request), program).toMatchObject({ outcome: "missing" });
    }
  });

  it("keeps the beginning of endless output, says that it is cut, and lets the command end", async () => {
    const seen = await run("head -c 5000000 /dev/zero | tr '\\0' x; exit 3", { maxBytes: 1000 });
    expect(seen).toEqual({ outcome: "exited", code: 3, stdout: "x".repeat(1000), stderr: "", cut: true });
  });

  it("ends a command, with its children, whose agent was killed; the next agent leaves no socket of it", async () => {
    const program = `
      import { createOutside } from ${JSON.stringify(join(import.meta.dirname, "../../src/adapters/systemd/outside.ts"))};
      const argv = ["/bin/bash", "-c", 'setsid sleep 1000 & echo $! > "$1"; sleep 1000', "bash", ${JSON.stringify(join(directory, "pid"))}];
      const { signal } = new AbortController();
      await createOutside(${JSON.stringify(directory)})({ argv, timeoutMs: 1500, signal, maxBytes: 10 });
    `;
    const file = join(directory, "agent.ts");
    await writeFile(file, program);
    const agent = spawn(process.execPath, [file], { stdio: "inherit" });
    await expect.poll(() => existsSync(join(directory, "pid")), slow).toBe(true);
    const ended = new Promise((resolve) => agent.once("exit", resolve));
    agent.kill("SIGKILL");
    await ended;
    expect(await run("true")).toMatchObject({ outcome: "exited", code: 0 });
    await expect.poll(leftAlive, slow).toBe(false);
    await run("true");
    expect((await readdir(join(directory, "commands"))).filter((name) => name.endsWith(".sock"))).toEqual([]);
  });

  it("does not wait for what the command left in the background, which lives on", async () => {
    const began = performance.now();
    expect(await run('setsid sleep 1000 & echo $! > "$1"')).toMatchObject({ outcome: "exited", code: 0 });
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(await leftAlive()).toBe(true);
    process.kill(Number(await readFile(join(directory, "pid"), "utf8")));
  });

  it.each(["a time-out", "an abort"])("ends all of it after %s, at once for the caller", async (why) => {
    const script = 'setsid sleep 1000 & echo $! > "$1"; sleep 1000';
    const controller = new AbortController();
    const reason = new Error("enough");
    const limits = why === "an abort" ? { signal: controller.signal } : { timeoutMs: 1500 };
    const ended = run(script, limits);
    if (why === "an abort") {
      await expect.poll(() => existsSync(join(directory, "pid")), slow).toBe(true);
      controller.abort(reason);
      await expect(ended).rejects.toBe(reason);
    } else {
      expect(await ended).toMatchObject({ outcome: "timed-out" });
    }
    await expect.poll(leftAlive, slow).toBe(false);
  });
});
