// The prober of the host: what it looks at on the machine, for real where that is possible.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createProber } from "../../src/adapters/host/prober/prober.ts";
import { seenIn } from "../../src/adapters/host/prober/unit.ts";
import type { CheckTarget } from "../../src/domain/health/check.ts";

const signal = new AbortController().signal;
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "muster-prober-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

function probe(target: CheckTarget, proc?: string) {
  return createProber(proc).probe(target, 5_000, signal);
}

function show(load: string, active: string, sub: string, result: string) {
  return seenIn(`Result=${result}\nLoadState=${load}\nActiveState=${active}\nSubState=${sub}\n`);
}

test("unit: what systemctl says", () => {
  expect(show("loaded", "active", "running", "success")).toEqual({ ok: true, seen: "active (running)" });
  expect(show("loaded", "active", "exited", "success")).toEqual({ ok: true, seen: "active (exited)" });
  expect(show("loaded", "activating", "auto-restart", "exit-code")).toEqual({
    ok: false,
    seen: "activating (auto-restart), result exit-code",
  });
  expect(show("loaded", "inactive", "dead", "success")).toEqual({ ok: false, seen: "inactive (dead)" });
  expect(show("not-found", "inactive", "dead", "success")).toEqual({ ok: false, seen: "no such unit" });
  // The other states of systemd's unit-def.c.
  expect(show("loaded", "reloading", "reload", "success")).toEqual({ ok: true, seen: "reloading (reload)" });
  expect(show("loaded", "refreshing", "refresh", "success")).toMatchObject({ ok: true });
  for (const state of ["failed", "activating", "deactivating", "maintenance", "never-heard", "Active", ""]) {
    expect(show("loaded", state, "dead", "success")).toEqual({ ok: false, seen: `${state} (dead)` });
  }
  expect(seenIn("")).toMatchObject({ ok: false });
  expect(show("masked", "inactive", "dead", "success")).toEqual({ ok: false, seen: "masked" });
});

function command(run: Extract<CheckTarget, { kind: "command" }>["run"], exit = 0, contains?: string): CheckTarget {
  return { kind: "command", run, exit, ...(contains === undefined ? {} : { contains }) };
}

describe("command", () => {
  test("an argument list is no shell line", async () => {
    expect(await probe(command({ argv: ["echo", "$HOME;", "two"] }, 0, "$HOME; two"))).toMatchObject({ ok: true });
    expect(await probe(command({ shell: "echo $((20 + 3))" }, 0, "23"))).toMatchObject({ ok: true });
  });

  test("exit status and output", async () => {
    expect(await probe(command({ shell: "echo oops >&2; exit 3" }))).toEqual({
      ok: false,
      expected: "exit 0",
      seen: "exit 3: oops",
    });
    expect(await probe(command({ shell: "exit 3" }, 3))).toEqual({ ok: true, seen: "exit 3" });
    expect(await probe(command({ argv: ["no-such-program"] }))).toMatchObject({
      ok: false,
      seen: "no program no-such-program",
    });
    expect(await probe(command({ shell: "kill -9 $$" }))).toMatchObject({ ok: false, seen: "an end by a signal" });
  });

  test("long output is bounded and shown by its end", async () => {
    const result = await probe(
      command({ shell: "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo the end; exit 1" }),
    );
    expect(result.ok).toBe(false);
    expect(result.seen.length).toBeLessThan(300);
    expect(result.seen).toMatch(/x \(only the first 1\.0 MiB of its output was looked at\)$/);
    const short = await probe(command({ shell: "seq 1 500; echo the end; exit 1" }));
    expect(short.seen).toMatch(/the end$/);
  });

  test("on a time-out its children end too", async () => {
    const mark = join(directory, "alive");
    const attempt = createProber().probe(
      command({ shell: `(while :; do date > ${mark}; sleep 0.1; done) & wait` }),
      400,
      signal,
    );
    expect(await attempt).toMatchObject({ ok: false });
    expect(existsSync(mark)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 200));
    rmSync(mark);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(existsSync(mark)).toBe(false);
  });
});

function processes(name: string, min = 1, max?: number): CheckTarget {
  return { kind: "process", name, min, ...(max === undefined ? {} : { max }) };
}

function fakeProc(entries: Readonly<Record<string, { stat: string; exe?: string }>>): string {
  const proc = mkdtempSync(join(directory, "proc-"));
  for (const [pid, { stat, exe }] of Object.entries(entries)) {
    mkdirSync(join(proc, pid));
    writeFileSync(join(proc, pid, "stat"), stat);
    if (exe !== undefined) symlinkSync(exe, join(proc, pid, "exe"));
  }
  return proc;
}

describe("process", () => {
  test("counts by either name, without the dead", async () => {
    const proc = fakeProc({
      "1": { stat: "1 (systemd) S 0", exe: "/usr/lib/systemd/systemd" },
      "20": { stat: "20 (nginx) S 1", exe: "/usr/sbin/nginx" },
      "21": { stat: "21 (nginx) S 20", exe: "/usr/sbin/nginx (deleted)" },
      "22": { stat: "22 (worker: (x) y) S 20", exe: "/usr/sbin/nginx (deleted)" },
      "23": { stat: "23 (nginx) Z 20" },
      "24": { stat: "24 (kworker/0:1) I 2" },
    });
    expect(await probe(processes("nginx"), proc)).toEqual({ ok: true, seen: "3" });
    expect(await probe(processes("worker: (x) y"), proc)).toEqual({ ok: true, seen: "1" });
    expect(await probe(processes("nginx", 4), proc)).toEqual({ ok: false, expected: "at least 4", seen: "3" });
    expect(await probe(processes("nginx", 0, 0), proc)).toEqual({ ok: false, expected: "exactly 0", seen: "3" });
    expect(await probe(processes("apache2", 1, 2), proc)).toEqual({ ok: false, expected: "1 to 2", seen: "none" });
  });

  test("a real one", async () => {
    const sleeper = spawn("sleep", ["30"], { stdio: "ignore" });
    try {
      expect(await probe(processes("sleep"))).toMatchObject({ ok: true });
    } finally {
      sleeper.kill("SIGKILL");
    }
  });
});

describe("disk, memory, mount", () => {
  test("disk", async () => {
    expect(await probe({ kind: "disk", path: directory, free: { bytes: 1 } })).toMatchObject({ ok: true });
    expect(await probe({ kind: "disk", path: "/", free: { percent: 100 } })).toMatchObject({
      ok: false,
      expected: "100% free",
    });
    const missing = await probe({ kind: "disk", path: "/no/such", free: { percent: 1 } });
    expect(missing).toEqual({ ok: false, expected: "1% free", seen: "no such path" });
  });

  test("memory and mounts as proc tells them", async () => {
    const proc = mkdtempSync(join(directory, "proc-"));
    writeFileSync(join(proc, "meminfo"), "MemTotal:        4194304 kB\nMemFree:  1 kB\nMemAvailable:    1048576 kB\n");
    mkdirSync(join(proc, "1"));
    const mounts = [
      "/ rw - ext4 /dev/vda1",
      "/data rw shared:2 - ext4 /dev/vdb",
      "/data rw - xfs /dev/vdc",
      "/my\\040disk rw - nfs4 a:/b",
      "/trap rw - autofs systemd-1",
      "/sprung rw - autofs systemd-1",
      "/sprung rw - nfs4 a:/c",
    ];
    writeFileSync(join(proc, "1/mountinfo"), `${mounts.map((line, id) => `${id} 1 8:1 / ${line} rw`).join("\n")}\n`);

    expect(await probe({ kind: "memory", available: { percent: 25 } }, proc)).toMatchObject({ ok: true });
    expect(await probe({ kind: "memory", available: { bytes: 2 * 1024 ** 3 } }, proc)).toEqual({
      ok: false,
      expected: "2.0 GiB available",
      seen: "1.0 GiB of 4.0 GiB available (25.0%)",
    });

    expect(await probe({ kind: "mount", path: "/" }, proc)).toEqual({ ok: true, seen: "mounted as ext4" });
    expect(await probe({ kind: "mount", path: "/data/", type: "xfs" }, proc)).toMatchObject({ ok: true });
    expect(await probe({ kind: "mount", path: "/data", type: "ext4" }, proc)).toEqual({
      ok: false,
      expected: "mounted as ext4",
      seen: "mounted as xfs",
    });
    expect(await probe({ kind: "mount", path: "/my disk", type: "nfs4" }, proc)).toMatchObject({ ok: true });
    // An automount that nobody has walked into is a mount to the kernel, with nothing behind it yet.
    expect(await probe({ kind: "mount", path: "/trap" }, proc)).toEqual({
      ok: false,
      expected: "mounted",
      seen: "an autofs trap, and nothing mounted",
    });
    expect(await probe({ kind: "mount", path: "/trap", type: "nfs4" }, proc)).toMatchObject({ ok: false });
    expect(await probe({ kind: "mount", path: "/trap", type: "autofs" }, proc)).toMatchObject({ ok: true });
    expect(await probe({ kind: "mount", path: "/sprung" }, proc)).toEqual({ ok: true, seen: "mounted as nfs4" });
    expect(await probe({ kind: "mount", path: "/dat" }, proc)).toEqual({
      ok: false,
      expected: "mounted",
      seen: "nothing mounted",
    });
  });

  test("the machine's own", async () => {
    expect(await probe({ kind: "memory", available: { bytes: 1 } })).toMatchObject({ ok: true });
    expect(await probe({ kind: "mount", path: "/proc", type: "proc" })).toMatchObject({ ok: true });
  });
});

test("file: everything that is wrong is said at once", async () => {
  const path = join(directory, "file");
  writeFileSync(path, "listen 80;\n");
  chmodSync(path, 0o640);
  const owner = execFileSync("id", ["-un"], { encoding: "utf8" }).trim();
  expect(await probe({ kind: "file", path, contains: "listen", mode: "0640", owner })).toEqual({
    ok: true,
    seen: "there",
  });
  expect(await probe({ kind: "file", path, contains: "443", mode: "0600", owner: "daemon" })).toEqual({
    ok: false,
    expected: 'a file, with "443" in it, mode 0600, owner daemon',
    seen: `mode 0640, owner ${owner}, no such text in 11 B`,
  });
  expect(await probe({ kind: "file", path, owner: "nobody-at-all" })).toMatchObject({
    ok: false,
    seen: "no user nobody-at-all",
  });
  writeFileSync(path, `${"x".repeat(1024 * 1024)}listen`, { mode: 0o640 });
  expect(await probe({ kind: "file", path, contains: "listen" })).toMatchObject({
    seen: "no such text in the first 1.0 MiB of 1.0 MiB",
  });
  expect(await probe({ kind: "file", path: `${path}.gone` })).toEqual({
    ok: false,
    expected: "a file",
    seen: "no such path",
  });
  expect(await probe({ kind: "file", path: directory, contains: "x" })).toMatchObject({
    ok: false,
    seen: "a directory",
  });
});
