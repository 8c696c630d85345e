import { join } from "node:path";

import { expect, test } from "vitest";

import { createLab } from "../../lab/lab.ts";
import { suites } from "../../lab/prepare/image.ts";

const standIn = {
  binary: join(import.meta.dirname, "stand-in/muster"),
  units: join(import.meta.dirname, "stand-in/units"),
};

test.for(suites)("%s boots under systemd, and a reboot keeps what was written", async (suite) => {
  await using lab = await createLab();
  const instance = await lab.boot({
    ...standIn,
    suite,
    name: "web1",
    files: { "/etc/muster/muster.yaml": "cloud: local\n" },
  });

  expect((await instance.exec(["systemctl", "is-system-running", "--wait"])).stdout).toBe("running\n");
  expect((await instance.exec("cat /etc/os-release; hostname")).stdout).toMatch(new RegExp(`=${suite}\n[^]*\nweb1\n$`));
  expect(await instance.readFile("/etc/muster/muster.yaml")).toBe("cloud: local\n");
  expect(await instance.journal("muster.service")).toContain("the stand-in is here");

  await instance.writeFile("/var/lib/kept", "yes", 0o600);
  await instance.reboot();
  expect((await instance.exec("stat -c %a /var/lib/kept; cat /var/lib/kept")).stdout).toBe("600\nyes");
  expect(instance.boots()).toBe(2);

  await instance.powerOff();
  expect(instance.running()).toBe(false);
  expect(await instance.journal()).toMatch(/Reached target (poweroff.target|.*Power.Off)/);
  await instance.writeFile("/var/lib/kept", "written while off");
  await instance.start();
  expect(await instance.readFile("/var/lib/kept")).toBe("written while off");
});

test("exec tells exit code, output and input; kill hits the main process of a unit", async () => {
  await using lab = await createLab();
  const instance = await lab.boot(standIn);

  const result = await instance.exec("cat; echo bad >&2; exit 3", { input: "in", check: false });
  expect(result).toEqual({ stdout: "in", stderr: "bad\n", code: 3 });
  await expect(instance.exec(["false"])).rejects.toThrow("i1: false ended with 1");
  await expect(instance.exec("sleep 60", { timeout: 200 })).rejects.toThrow("more than 200 ms");
  expect((await instance.exec("pgrep -x sleep | wc -l")).stdout, "only the stand-in's").toBe("1\n");

  await instance.kill("SIGKILL");
  const restarted = async () =>
    /NRestarts=1\n/.test((await instance.exec("systemctl show muster -p NRestarts")).stdout);
  await instance.waitFor(restarted, { what: "systemd restarted the stand-in" });
  await expect(instance.waitFor(() => false, { what: "never", timeout: 300 })).rejects.toThrow(
    /waited 300 ms in vain for this: never\n[^]*the stand-in is here/,
  );
});

test("a guest that reboots by itself comes back", async () => {
  await using lab = await createLab();
  const instance = await lab.boot({ binary: false });
  const bootId = () => instance.readFile("/proc/sys/kernel/random/boot_id");
  const before = await bootId();
  await instance.exec("systemd-run --on-active=0.1 --timer-property=AccuracySec=1ms systemctl reboot");
  await instance.booted(2);
  expect(await bootId()).not.toBe(before);
});
