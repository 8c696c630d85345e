import { expect, it } from "vitest";
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import type { SourceFailure } from "../../../../src/domain/run/package-source.ts";
import type { Upgrade } from "../../../../src/ports/package-manager.ts";
import { patchResultSchema } from "../../../../src/stages/patch/result.ts";
import { patchStage } from "../../../../src/stages/patch/stage.ts";
import { createFakeMachine } from "../../../fakes/machine.ts";
import { createFakePackages } from "../../../fakes/scripted-packages.ts";
import { recordingContext } from "../../../fakes/stage-context.ts";
import { leapingClock, patch, policyOf } from "./patching.ts";

const nginx: Upgrade = { name: "nginx", from: "1.1", to: "1.2", security: true };

const docker: SourceFailure = {
  source: "download.docker.com stable",
  code: "package-fetch-failed",
  message: "The package source download.docker.com stable could not be read: connection timed out",
  hint: "Take it out.",
  transient: true,
};
const broken = new MusterError({ code: "package-sources-invalid", message: "Signed-By conflict", hint: "Mend it." });
const torn = new MusterError({ code: "package-script-failed", message: "postinst failed", hint: "-" });

it("names a source that was not read, patches by the others, and waits for it no second time", async () => {
  const { calls, context, result } = await patch("all", { looks: [{ upgrades: [nginx] }] }, true, false, {}, [docker]);
  expect(calls).toEqual(["resume", "observe", "upgrade all nginx"]);
  expect(context.warnings).toEqual([
    "package-fetch-failed: The package source download.docker.com stable could not be read: connection timed out; its packages are judged by an older index. Take it out.",
  ]);
  const trouble = [{ code: "package-fetch-failed", source: "download.docker.com stable" }];
  expect(result).toMatchObject({
    value: { trouble, at: expect.any(String) as unknown },
    facts: { trouble: ["package-fetch-failed"] },
  });
  expect(patchResultSchema.parse(JSON.parse(JSON.stringify(result?.value)))).toEqual(result?.value);
});

it("goes on past a broken index, by default and by rule, and says that nothing was patched", async () => {
  for (const rules of [{}, { onFailure: "continue" as const }]) {
    const { result, context } = await patch("all", { fails: { observe: [broken] } }, true, false, rules);
    expect(result).toMatchObject({
      outcome: "unchanged",
      summary: "not brought up to date, 0 packages changed",
      value: { upgraded: [], trouble: [{ code: "package-sources-invalid" }] },
    });
    expect(result?.value).not.toHaveProperty("at");
    expect(context.warnings).toEqual([
      "package-sources-invalid: Packages are not brought up to date, and the run goes on: Signed-By conflict. Mend it.",
    ]);
  }
});

it("is held for a broken dpkg, unless the role goes on past that too", async () => {
  const script = { looks: [{ upgrades: [nginx] }], fails: { upgrade: [torn] } };
  expect((await patch("all", script)).error).toBe(torn);
  const { result } = await patch("all", script, true, false, { onFailure: "continue" });
  expect(result?.value.trouble).toEqual([{ code: "package-script-failed" }]);
});

it("is held for all of it where the role says so, an unread source and a gone network too", async () => {
  const hold = { onFailure: "hold" as const };
  expect((await patch("all", { fails: { observe: [broken] } }, true, false, hold)).error).toBe(broken);
  const dead = { unread: Array.from({ length: 1000 }, () => [docker]) };
  const waited = await patch("all", dead, true, false, hold, [docker]);
  expect(waited.error).toMatchObject({ code: docker.code, message: docker.message, hint: docker.hint });
  expect(waited.calls.length).toBeGreaterThan(5);
  const back = await patch("all", { looks: [{}], unread: [[docker], []] }, true, false, hold, [docker]);
  expect(back.calls).toEqual(["resume", "refresh", "refresh", "observe"]);
  expect((await patch("all", {}, false, true, hold)).error).toMatchObject({ code: "package-fetch-failed" });
});

it("ends with the run, whatever the rule", async () => {
  const controller = new AbortController();
  const packages = createFakePackages({});
  const observe = async () => Promise.reject(controller.abort(new Error("cancelled")) ?? broken);
  const input = {
    policy: policyOf("all"),
    index: { refreshed: true, failed: [] },
    offline: false,
    restarts: async () => "now" as const,
  };
  const ports = { packages: { ...packages, observe }, clock: leapingClock(), machine: createFakeMachine() };
  await expect(patchStage(input, ports, recordingContext("patch", controller.signal))).rejects.toThrow("cancelled");
});
