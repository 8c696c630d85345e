import { describe, expect, it } from "vitest";
import { isUnknownCommand, judgeReboot, parseKernels, parseServices } from "../../../../src/adapters/dnf/restarts.ts";

const kernel = "6.1.79-99.167.amzn2023.x86_64";

function judge(said: string | undefined, kernels: readonly string[] = [kernel]) {
  return judgeReboot({ said, release: kernel, kernels });
}

const dnfYes = `Core libraries or services have been updated since boot-up:
  * dbus-broker
  * systemd

Reboot is required to fully utilize these updates.
More information: https://access.redhat.com/solutions/27943
`;
const dnfNo = `No core libraries or services have been updated since boot-up.
Reboot should not be necessary.
`;
const jsonYes = `[
  {
    "type":"reboot",
    "reboot_required":true,
    "packages":[
      "glibc",
      "systemd"
    ],
    "documentation":"https://access.redhat.com/solutions/27943"
  }
]
`;
const jsonNo = `[\n  {"type":"reboot","reboot_required":false,"packages":[],"documentation":"https://access.redhat.com"}\n]\n`;

describe("whether a reboot is due", () => {
  it.each([
    ["dnf 4 and 5 say yes", dnfYes, ["dbus-broker was upgraded since the boot", "systemd was upgraded since the boot"]],
    ["dnf 5 says yes in JSON", jsonYes, ["glibc was upgraded since the boot", "systemd was upgraded since the boot"]],
    ["dnf 4 and 5 say no", dnfNo, []],
    ["dnf 5 says no in JSON", jsonNo, []],
  ])("%s", (_title, said, reasons) => {
    expect(judge(said)).toEqual({ required: reasons.length > 0, reasons });
  });

  it("is not told by an exit code: an error says neither yes nor no", () => {
    const error = "Error: Cache-only enabled but no cache for 'amazonlinux'\n";
    expect(judge(error)).toEqual({
      required: false,
      reasons: [],
      unknown: `needs-restarting said "${error.trim()}"`,
    });
    expect(judge("")).toMatchObject({ unknown: "needs-restarting said nothing" });
    expect(judge(undefined)).toMatchObject({ unknown: "needs-restarting is not installed" });
  });

  it("is told by a newer kernel all the same, once", () => {
    const newer = "6.1.80-1.amzn2023.x86_64";
    const reason = `kernel ${kernel} runs, ${newer} is installed`;
    expect(judge(undefined, [kernel, newer])).toMatchObject({ required: true, reasons: [reason] });
    const said = dnfYes.replace("dbus-broker", "kernel");
    expect(judge(said, [kernel, newer]).reasons).toEqual([reason, "systemd was upgraded since the boot"]);
    expect(judgeReboot({ said: dnfNo, release: undefined, kernels: [newer] }).required).toBe(false);
  });
});

it("takes the kernel that was installed last for the newest, whatever else rpm says", () => {
  const output = "200 6.1.80-1.amzn2023.x86_64\n100 6.1.79-99.amzn2023.x86_64\nno package provides kernel-core\n";
  expect(parseKernels(output)).toEqual(["6.1.79-99.amzn2023.x86_64", "6.1.80-1.amzn2023.x86_64"]);
});

it("knows a dnf without the plugin", () => {
  expect(isUnknownCommand("No such command: needs-restarting. Please use /usr/bin/dnf --help")).toBe(true);
  expect(isUnknownCommand('Unknown argument "needs-restarting" for command "dnf5".')).toBe(true);
  expect(isUnknownCommand(dnfNo)).toBe(false);
});

it("reads services, and nothing else that is printed among them", () => {
  const output =
    "Failed loading plugin\nnginx.service\nsystemd-logind.service\nnginx.service\n12 : /usr/sbin/x.service -d\n";
  expect(parseServices(output)).toEqual(["nginx.service", "systemd-logind.service"]);
});
