import { describe, expect, it } from "vitest";
import { planRestarts, type RestartRule } from "../../../../src/domain/run/restarts.ts";
import { planRestart, restartServices } from "../../../../src/stages/patch/restart.ts";
import { createFakeMachine } from "../../../fakes/machine.ts";
import { createFakePackages } from "../../../fakes/scripted-packages.ts";
import { recordingContext } from "../../../fakes/stage-context.ts";

const outdated = ["nginx.service", "dbus.service", "cron.service"];

async function restart(rule: RestartRule, broken: readonly (readonly [string, string])[] = []) {
  const machine = createFakeMachine();
  for (const [unit, why] of broken) machine.broken.set(unit, why);
  const context = recordingContext("patch");
  const restarted = await restartServices(rule, { packages: createFakePackages({ outdated }), machine }, context);
  return { restarted, calls: machine.calls, warnings: context.warnings };
}

describe("services that run replaced code", () => {
  it("are restarted in one go, but for those that only a reboot restarts safely, which are named", async () => {
    const { restarted, calls, warnings } = await restart("now");
    expect(restarted).toEqual(["nginx.service", "cron.service"]);
    expect(calls).toEqual(["restart nginx.service,cron.service"]);
    expect(warnings).toEqual([
      "services-outdated: Services run replaced code, and only a reboot restarts them safely: dbus.service",
    ]);
  });

  it("run on while the instance serves, and are named", async () => {
    const { restarted, calls, warnings } = await restart("in-service");
    expect([restarted, calls]).toEqual([[], []]);
    expect(warnings).toEqual([expect.stringMatching(/while the instance serves: nginx.service, dbus.service, cron/)]);
  });

  it("are left to the reboot that follows, without a word", async () => {
    expect(await restart("reboot-follows")).toEqual({ restarted: [], calls: [], warnings: [] });
  });

  it("that do not come back are told with systemd's words, and do not count as restarted", async () => {
    const { restarted, warnings } = await restart("now", [["nginx.service", "Job for nginx.service failed"]]);
    expect(restarted).toEqual(["cron.service"]);
    expect(warnings).toContainEqual(
      "service-restart-failed: Services that run replaced code could not be restarted: nginx.service (Job for nginx.service failed)",
    );
  });

  it.each([
    ["now", false, [{ text: "restart services that run replaced code", details: ["nginx.service", "cron.service"] }]],
    ["in-service", true, []],
    ["reboot-follows", true, []],
  ] as const)("are planned for: %s", async (rule, upgrading, steps) => {
    const packages = createFakePackages({ outdated });
    expect(await planRestart(rule, upgrading, { packages }, recordingContext("patch"))).toEqual(steps);
  });

  it("after an upgrade are not known before it", async () => {
    expect(await planRestart("now", true, { packages: createFakePackages({}) }, recordingContext("patch"))).toEqual([
      { text: "restart what runs replaced code then: decided at run time" },
    ]);
  });
});

describe("which of them a restart would break", () => {
  it.each([
    "muster.service",
    "muster-leave.service",
    "muster-0007-c32a-patch-upgrade.service",
    "dbus.service",
    "dbus-broker.service",
    "systemd-logind.service",
    "systemd-networkd.service",
    "getty@tty1.service",
    "serial-getty@ttyS0.service",
    "console-getty.service",
    "user@1000.service",
    "sshd@3-10.0.0.1:22-10.0.0.2:4711.service",
    "NetworkManager.service",
    "networking.service",
    "wpa_supplicant.service",
    "docker.service",
    "libvirtd.service",
    "unattended-upgrades.service",
    "cloud-final.service",
    "auditd.service",
  ])("%s", (unit) => {
    expect(planRestarts([unit], "now")).toEqual({ restart: [], left: [unit] });
  });

  it.each([
    "nginx.service",
    "ssh.service",
    "cron.service",
    "musterd.service",
    "muster-page.service",
    "user-page.service",
  ])("not %s", (unit) => {
    expect(planRestarts([unit], "now")).toEqual({ restart: [unit], left: [] });
  });
});
