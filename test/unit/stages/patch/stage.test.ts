import { describe, expect, it } from "vitest";
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import type { PatchScope } from "../../../../src/domain/role/role.ts";
import type { Upgrade } from "../../../../src/ports/package-manager.ts";
import { patchResultSchema, unpatched } from "../../../../src/stages/patch/result.ts";
import { indexStage, planPatch } from "../../../../src/stages/patch/stage.ts";
import { createFakePackages, type FakePackagesScript } from "../../../fakes/scripted-packages.ts";
import { recordingContext } from "../../../fakes/stage-context.ts";
import { fetchFailure, patch, policyOf } from "./patching.ts";

const nginx: Upgrade = { name: "nginx", from: "1.1", to: "1.2", security: true };
const vim: Upgrade = { name: "vim", from: "8", to: "9", security: false };
const kernel: Upgrade = { name: "linux-image-6.1.0-41-amd64", to: "6.1.158-1", security: true };
const upgrades = [nginx, vim, kernel];

describe("patching", () => {
  it("installs what is in scope, and reports what changed, what is left and whether to reboot", async () => {
    const { result, calls } = await patch("security", {
      looks: [{ upgrades }],
      changed: [{ name: "nginx", from: "1.1", to: "1.2" }],
      rebootReasons: ["kernel 1 runs, 2 is installed"],
    });
    expect(calls).toEqual(["resume", "observe", "upgrade security nginx"]);
    expect(result).toMatchObject({
      outcome: "changed",
      summary: "1 package changed, 2 other upgrades known; a reboot is required",
      value: { upgraded: [{ name: "nginx", from: "1.1", to: "1.2" }], pending: 2, reboot: { required: true } },
      facts: { upgraded: 1, pending: 2, rebootRequired: true, packages: ["nginx 1.1 -> 1.2"] },
    });
    expect(patchResultSchema.parse(JSON.parse(JSON.stringify(result?.value)))).toEqual(result?.value);
  });

  it("takes everything in scope all", async () => {
    const { calls } = await patch("all", { looks: [{ upgrades }] });
    expect(calls.at(-1)).toBe("upgrade all nginx vim linux-image-6.1.0-41-amd64");
  });

  it("does nothing when nothing is in scope", async () => {
    const { result, calls } = await patch("security", { looks: [{ upgrades: [vim] }] });
    expect(calls).toEqual(["resume", "observe"]);
    expect(result).toMatchObject({
      outcome: "unchanged",
      summary: "no security updates to install, 1 other upgrade known",
    });
  });

  it("looks at nothing in scope none, but for the reboot", async () => {
    const { result, calls } = await patch("none", { rebootReasons: ["nginx asks for a reboot"] }, false);
    expect(calls).toEqual([]);
    expect(result).toMatchObject({ outcome: "skipped", value: { reboot: { required: true } } });
  });

  it("completes an interrupted transaction before it looks for upgrades", async () => {
    const { calls, context } = await patch("security", {
      looks: [{ interrupted: true, unfinished: ["nginx"] }, { upgrades: [nginx] }],
    });
    expect(calls).toEqual(["resume", "observe", "repair", "observe", "upgrade security nginx"]);
    expect(context.said).toContain("completing an interrupted package transaction: nginx");
  });

  it("counts what an agent before it changed in this run", async () => {
    const { result } = await patch("security", { looks: [{}], changed: [{ name: "nginx", to: "1.2" }] });
    expect(result?.outcome).toBe("changed");
  });

  it("reads the index again, once, when versions are gone", async () => {
    const looks = [{ upgrades: [nginx] }, { upgrades: [{ ...nginx, to: "1.3" }] }];
    const first = await patch("security", { looks, fails: { upgrade: [fetchFailure()] } });
    expect(first.calls).toEqual([
      "resume",
      "observe",
      "upgrade security nginx",
      "refresh",
      "observe",
      "upgrade security nginx",
    ]);
    const twice = await patch("security", { looks, fails: { upgrade: [fetchFailure(), fetchFailure()] } });
    expect(twice.result?.value.trouble).toEqual([{ code: "package-fetch-failed" }]);
    const script = { looks, fails: { upgrade: [fetchFailure(), fetchFailure()] } };
    const held = await patch("security", script, true, false, { onFailure: "hold" });
    expect(held.error).toMatchObject({ code: "package-fetch-failed" });
  });

  it("gives up on packages that no repair puts in order", async () => {
    const looks = Array.from({ length: 9 }, () => ({ interrupted: true, unfinished: ["nginx"] }));
    expect((await patch("all", { looks })).error).toMatchObject({ code: "patch-unfinished" });
  });

  it("asks for a missing index again until it is there", async () => {
    const fails = { refresh: [fetchFailure(), fetchFailure()] };
    const { calls, context } = await patch("all", { looks: [{}], fails }, false);
    expect(calls).toEqual(["resume", "refresh", "refresh", "refresh", "observe"]);
    expect(context.warnings).toEqual([]);
  });

  it("goes on with the index of an earlier day, with a warning, when the sources stay away", async () => {
    const fails = { refresh: Array.from({ length: 1000 }, fetchFailure) };
    const { calls, context, result } = await patch("all", { looks: [{}], fails }, false);
    expect(calls.filter((call) => call === "refresh").length).toBeGreaterThan(5);
    expect(context.warnings).toEqual([
      "package-index-stale: Updates are judged by the package index of an earlier day: 404",
    ]);
    expect(result?.outcome).toBe("unchanged");
  });

  it("does not ask again when that cannot help, or the network is gone", async () => {
    const untrusted = new MusterError({ code: "package-source-untrusted", message: "no key", hint: "-" });
    const refused = await patch("all", { looks: [{}], fails: { refresh: [untrusted] } }, false);
    expect(refused.calls).toEqual(["resume", "refresh", "observe"]);
    expect(refused.context.warnings).toHaveLength(1);
    const offline = await patch("all", { looks: [{}] }, false, true);
    expect(offline.calls).toEqual(["resume", "observe"]);
    expect(offline.context.warnings).toHaveLength(1);
  });

  it("says what is kept back", async () => {
    const { context, result } = await patch("all", { looks: [{ keptBack: ["libgl1"] }] });
    expect(context.warnings).toEqual([expect.stringMatching(/^packages-kept-back: .*libgl1$/)]);
    expect(result?.value.pending).toBe(1);
  });

  it("leaves out what the role excludes, and counts it among what is left", async () => {
    const looks = [{ upgrades: [nginx], excluded: ["vim", "vim-common"] }];
    const { calls, result } = await patch("all", { looks }, true, false, { exclude: ["vim*"] });
    expect(calls).toEqual(["resume", "observe without vim*", "upgrade all nginx without vim*"]);
    expect(result).toMatchObject({
      summary: "no updates to install, 2 other upgrades known (2 excluded)",
      value: { pending: 2 },
      facts: { excluded: ["vim", "vim-common"] },
    });
  });

  it("says so when nothing could change because the repositories are locked", async () => {
    const locked = { version: "2023.5.20240624", newest: "2023.6.20241010" };
    const { context, result } = await patch("security", { looks: [{ locked }] });
    const words = "repository version 2023.5.20240624, which is locked; 2023.6.20241010 is out: set patch.releasever";
    expect(result).toMatchObject({
      outcome: "unchanged",
      summary: `nothing to do in ${words}`,
      value: { locked },
      facts: { repositoryVersion: "2023.5.20240624", newestRepositoryVersion: "2023.6.20241010" },
    });
    expect(context.warnings).toEqual([`package-repository-locked: Packages come from ${words}`]);
    expect(patchResultSchema.parse(result?.value)).toEqual(result?.value);
    const unknown = await patch("security", { looks: [{ locked: { version: "2023.5.20240624" } }] });
    expect(unknown.result?.summary).toMatch(/whether a newer one is out is not known: set patch.releasever$/);
  });

  it("reads the index of the version that the role names, which nobody has read yet", async () => {
    const { calls } = await patch("all", { looks: [{}] }, true, false, { releasever: "2023.6.20241010" });
    expect(calls).toEqual(["resume", "refresh 2023.6.20241010", "observe"]);
  });

  it("says when nobody can tell whether a reboot is due", async () => {
    const { context, result } = await patch("none", { rebootUnknown: "needs-restarting is not installed" });
    expect(context.warnings).toEqual([
      "reboot-unknown: Whether a reboot is due is not known for certain: needs-restarting is not installed",
    ]);
    expect(result?.value.reboot).toEqual({ required: false, reasons: [] });
  });

  it("has a result for runs that do not patch", () => {
    expect(patchResultSchema.parse(unpatched)).toEqual(unpatched);
  });
});

describe("the plan of a dry run", () => {
  it.each<[PatchScope, FakePackagesScript, readonly object[], readonly string[]]>([
    ["none", {}, [], []],
    [
      "security",
      { looks: [{ upgrades }] },
      [{ text: "install 1 security upgrade", details: ["nginx 1.1 -> 1.2 (security)"] }],
      ["observe"],
    ],
    [
      "all",
      { looks: [{ upgrades: [vim, kernel] }] },
      [
        {
          text: "install 2 upgrades",
          details: ["vim 8 -> 9", "linux-image-6.1.0-41-amd64 6.1.158-1 (new) (security)"],
        },
      ],
      ["observe"],
    ],
    [
      "all",
      { looks: [{ interrupted: true, unfinished: ["nginx"] }] },
      [
        { text: "complete an interrupted package transaction", details: ["nginx"] },
        { text: "upgrade packages: decided at run time, after that" },
      ],
      ["observe"],
    ],
  ])("scope %s", async (scope, script, steps, calls) => {
    const packages = createFakePackages(script);
    expect(await planPatch(policyOf(scope), { packages }, recordingContext("patch"))).toEqual(steps);
    expect(packages.calls).toEqual(calls);
  });
});

describe("the index", () => {
  it("is read once, and its failure fails no run", async () => {
    const packages = createFakePackages({ fails: { refresh: [fetchFailure()] } });
    const failed = await indexStage({ packages }, recordingContext("index"));
    expect(failed).toMatchObject({
      value: { refreshed: false, failed: [] },
      summary: "the package index was not refreshed: 404",
    });
    const done = await indexStage({ packages }, recordingContext("index"));
    expect(done).toMatchObject({ value: { refreshed: true }, outcome: "unchanged" });
    expect(packages.calls).toEqual(["refresh", "refresh"]);
  });

  it("ends with the run", async () => {
    const controller = new AbortController();
    const reason = new Error("cancelled");
    const packages = {
      ...createFakePackages({}),
      refresh: async () => Promise.reject(controller.abort(reason) ?? reason),
    };
    const work = indexStage({ packages }, recordingContext("index", controller.signal));
    await expect(work).rejects.toBe(reason);
  });
});
