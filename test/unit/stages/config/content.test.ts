// What the config stage makes of a commit that does not hold what a role uses.
import { beforeEach, describe, expect, it } from "vitest";
import type { Role } from "../../../../src/domain/role/role.ts";
import { configStage, planConfig } from "../../../../src/stages/config/stage.ts";
import { createFakeClock } from "../../../fakes/clock.ts";
import { createFakeConfigRepo, type FakeConfigRepo } from "../../../fakes/config-repo.ts";
import { recordingContext, type RecordingContext } from "../../../fakes/stage-context.ts";
import { inputOf, role } from "./config-input.ts";

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0123abcd".repeat(8)}\nsize 84977953\n`;

const puppetRole: Role = {
  ...role("web"),
  converge: [
    {
      engine: "puppet",
      manifest: "./manifests/",
      modules: ["vendor/modules"],
      hiera: "hiera.yaml",
      environment: "production",
      timeoutMs: 1,
    },
  ],
};

let fake: FakeConfigRepo;
let context: RecordingContext;
let web: Role;

beforeEach(() => {
  fake = createFakeConfigRepo();
  context = recordingContext("config");
  web = puppetRole;
});

const ports = () => ({
  repo: fake.repo,
  reader: { read: () => ({ pinned: { role: web, entry: {} }, formerKeys: [], names: ["web"] }) },
  clock: createFakeClock(),
});
const run = () => configStage(inputOf({}), ports(), context);

describe("a commit that does not hold what a role uses", () => {
  it("refuses a role whose manifest is an LFS pointer or whose modules are a submodule, and touches no worktree", async () => {
    await fake.remote.commitFiles({ "muster.yaml": "web", "manifests/site.pp": pointer }, "pointer");
    const commit = await fake.remote.commitSubmodule("vendor", "submodule");
    expect(await run().catch((thrown: unknown) => thrown)).toMatchObject({
      code: "config-content-missing",
      message: `Commit ${commit.slice(0, 12)} does not hold what role web needs: manifests (manifest): manifests/site.pp is a Git LFS pointer, vendor/modules (modules): vendor is a submodule`,
      hint: "Take the file out of LFS: git lfs untrack PATTERN, git add --renormalize PATH, and commit. Commit the files themselves in place of the submodule (git subtree, or a copy).",
    });
    await expect(planConfig(inputOf({}), ports(), context)).rejects.toMatchObject({ code: "config-content-missing" });
    expect(fake.log.filter((line) => line.startsWith("checkout"))).toEqual([]);
    // The same commit serves a role that uses none of it.
    web = role("web");
    expect((await run()).value.commit).toBe(commit);
    expect(context.warnings).toEqual([]);
  });

  it("refuses a role whose Hiera data is a submodule", async () => {
    const hiera = 'version: 5\ndefaults:\n  datadir: "hieradata" # all of it\n';
    await fake.remote.commitFiles({ "muster.yaml": "web", "hiera.yaml": hiera }, "hiera");
    await fake.remote.commitSubmodule("hieradata", "data");
    await expect(run()).rejects.toMatchObject({
      code: "config-content-missing",
      message: expect.stringMatching(/: hieradata \(data\) is a submodule$/) as unknown,
    });
  });

  it("warns of what is missing below the paths of the role, the first five by name", async () => {
    const debs = [1, 2, 3, 4, 5].map((number) => [`vendor/modules/a/files/${number}\u001b.deb`, pointer] as const);
    await fake.remote.commitFiles(
      { "muster.yaml": "web", "docs/film.mp4": pointer, ...Object.fromEntries(debs) },
      "big",
    );
    const commit = await fake.remote.commitSubmodule("vendor/modules/apt", "apt");
    expect((await run()).value.commit).toBe(commit);
    const shown = debs.map(([path]) => `${path.replace("\u001b", "\u{FFFD}")} (a Git LFS pointer)`).join(", ");
    expect(context.warnings).toEqual([
      `config-content-partial: Commit ${commit.slice(0, 12)} does not hold all that is below the paths of role web: ${shown}, and 1 more. An instance gets an empty directory or the pointer's text there`,
    ]);
  });
});
