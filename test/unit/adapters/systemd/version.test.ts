import { expect, it } from "vitest";
import { requireSystemd } from "../../../../src/adapters/systemd/version.ts";
import type { ExecRequest, ExecResult } from "../../../../src/adapters/host/exec.ts";

const { signal } = new AbortController();

/** A machine of that version; its probe ends with `code`. */
function machine(version: string, code?: number) {
  const asked: string[] = [];
  async function run({ argv }: ExecRequest): Promise<ExecResult> {
    asked.push(argv[0]);
    if (argv[0] === "systemctl") return { outcome: "exited", code: 0, stdout: version, stderr: "" };
    if (code === undefined) throw new Error("no probe was to be made");
    return { outcome: "exited", code, stdout: "", stderr: "Unknown assignment" };
  }
  return { asked, check: () => requireSystemd(signal, run) };
}

it.each([
  ["systemd 252 (252.39-1~deb12u1)\n+PAM +AUDIT", undefined],
  ["systemd 240\n", undefined],
  // RHEL 8 has both features in its 239.
  ["systemd 239 (239-82.el8)\n", 0],
  // Nothing is known: the first command that has to run says why.
  ["", undefined],
])("%s will do", async (version, code) => {
  const { asked, check } = machine(version, code);
  await check();
  expect(asked).toEqual(code === undefined ? ["systemctl"] : ["systemctl", "systemd-run"]);
});

it.each(["systemd 219\n+PAM +AUDIT", "systemd 239 (239-13.el8)\n", "systemd 237\n"])(
  "%s is too old",
  async (version) => {
    await expect(machine(version, 1).check()).rejects.toMatchObject({
      code: "systemd-too-old",
      message: expect.stringMatching(/^This machine has systemd 2\d\d, and muster needs 240 or newer$/) as string,
    });
  },
);
