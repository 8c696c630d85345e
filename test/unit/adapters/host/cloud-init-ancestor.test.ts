import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startedByCloudInit } from "../../../../src/adapters/host/cloud-init-ancestor.ts";

let proc: string;
beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), "muster-proc-"));
  process(1, 0, "/sbin/init", "/init.scope");
});
afterEach(() => rmSync(proc, { recursive: true }));

function process(pid: number, parent: number, command: string, cgroup: string): void {
  mkdirSync(join(proc, String(pid)));
  writeFileSync(join(proc, String(pid), "cmdline"), `${command.replaceAll(" ", "\0")}\0`);
  writeFileSync(join(proc, String(pid), "cgroup"), `0::${cgroup}\n`);
  writeFileSync(join(proc, String(pid), "status"), `Name:\tx\nPid:\t${pid}\nPPid:\t${parent}\n`);
}

test("user data of the final stage, and runcmd through a login of another user", () => {
  process(10, 1, "/usr/bin/python3 /usr/bin/cloud-init modules --mode=final", "/system.slice/cloud-final.service");
  process(11, 10, "/bin/sh /var/lib/cloud/instance/scripts/part-001", "/system.slice/cloud-final.service");
  process(12, 11, "su - app -c muster status --wait", "/user.slice/user-1000.slice/session-c1.scope");
  expect(startedByCloudInit(11, proc)).toBe(true);
  expect(startedByCloudInit(12, proc)).toBe(true);
});

test("a unit of cloud-init tells, whatever its process is called, on version 1 of cgroups too", () => {
  process(20, 1, "sh -c x", "/");
  writeFileSync(join(proc, "20/cgroup"), "2:cpu:/\n1:name=systemd:/system.slice/cloud-config.service\n");
  expect(startedByCloudInit(20, proc)).toBe(true);
});

test("what is not waited for: left in the background, started by hand, or only named alike", () => {
  expect(startedByCloudInit(1, proc)).toBe(false);
  process(30, 1, "sshd: root@pts/0", "/user.slice/user-0.slice/session-1.scope");
  process(31, 30, "-bash", "/user.slice/user-0.slice/session-1.scope");
  expect(startedByCloudInit(31, proc)).toBe(false);
  process(40, 1, "/opt/my-cloud-init-helper run", "/system.slice/cloud-final-helper.service");
  expect(startedByCloudInit(40, proc)).toBe(false);
  // It ended while we looked, or is its own parent.
  process(50, 999, "sh", "/");
  expect(startedByCloudInit(50, proc)).toBe(false);
  process(60, 60, "sh", "/");
  expect(startedByCloudInit(60, proc)).toBe(false);
});

test("this very process is not", () => {
  expect(startedByCloudInit()).toBe(false);
});
