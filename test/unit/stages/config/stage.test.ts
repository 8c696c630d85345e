import { beforeEach, describe, expect, it } from "vitest";
import type { ErrorCode } from "../../../../src/domain/errors/error-codes.ts";
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import type { CatalogueReader } from "../../../../src/ports/catalogue-reader.ts";
import type { AppliedConfig } from "../../../../src/stages/config/result.ts";
import { configStage, planConfig } from "../../../../src/stages/config/stage.ts";
import { createFakeClock } from "../../../fakes/clock.ts";
import type { FakeClock } from "../../../fakes/clock.ts";
import { createFakeConfigRepo } from "../../../fakes/config-repo.ts";
import type { FakeConfigRepo } from "../../../fakes/config-repo.ts";
import { recordingContext } from "../../../fakes/stage-context.ts";
import type { RecordingContext } from "../../../fakes/stage-context.ts";
import { inputOf, role } from "./config-input.ts";

const minute = 60_000;

let fake: FakeConfigRepo;
let clock: FakeClock;
let context: RecordingContext;

/** A catalogue is a list of roles here, one a line. */
const reader: Pick<CatalogueReader, "read"> = {
  read(text, file, name) {
    if (text.includes("?")) throw new MusterError({ code: "catalogue-invalid", message: `${file}:1:1`, hint: "" });
    const names = text.split("\n");
    const pinned = names.includes(name) ? { pinned: { role: role(name), entry: { of: name } } } : {};
    return { ...pinned, formerKeys: [], names };
  },
};

beforeEach(() => {
  fake = createFakeConfigRepo();
  clock = createFakeClock();
  context = recordingContext("config");
});

const ports = () => ({ repo: fake.repo, reader, clock });
const run = (input = inputOf({})) => configStage(input, ports(), context);
const commitCatalogue = (text: string) => fake.remote.commitFiles({ "muster.yaml": text }, "Add roles");

describe("the config stage", () => {
  it("fetches, chooses, checks out and prunes", async () => {
    const commit = await commitCatalogue("web\ndatabase");
    const result = await run();
    expect(result).toMatchObject({
      outcome: "changed",
      summary: `main at ${commit.slice(0, 12)} "Add roles", role web`,
      facts: { commit, ref: "main", role: "web", fetched: true },
    });
    expect(result.value).toEqual({
      commit,
      ref: "main",
      refKind: "branch",
      role: role("web"),
      entry: { of: "web" },
      directory: `/worktrees/${commit}`,
      fetched: true,
      subject: "Add roles",
      author: "Ann Author",
      committedAt: "2026-01-01T00:00:00.000Z",
    });
    expect(fake.log).toEqual(["fetch", `checkout ${commit}`, `prune ${commit}`]);
    expect(context.warnings).toEqual([]);
  });

  it("is unchanged when the commit is the one applied last", async () => {
    const commit = await commitCatalogue("web");
    const applied: AppliedConfig = { commit, ref: "main", refKind: "branch" };
    expect(await run(inputOf({ applied }))).toMatchObject({ outcome: "unchanged" });
  });

  it("refuses rewritten history, and touches no worktree", async () => {
    const commit = await commitCatalogue("web");
    await fake.remote.rewrite({ "muster.yaml": "web\nother" }, "Rewritten");
    const applied: AppliedConfig = { commit, ref: "main", refKind: "branch" };
    await expect(run(inputOf({ applied }))).rejects.toMatchObject({ code: "history-rewritten" });
    expect(fake.log).toEqual(["fetch"]);
    expect(await run(inputOf({ applied, source: { allowRewrite: true } }))).toMatchObject({ outcome: "changed" });
  });

  it("refuses rewritten history also after a trial of another ref in between", async () => {
    const first = await commitCatalogue("web");
    const commit = await commitCatalogue("web\ndatabase");
    await fake.remote.setBranch("release/1", first);
    const applied: AppliedConfig = { commit: first, ref: "release/1", refKind: "branch" };
    const marks = [
      { kind: "branch", ref: "main", commit },
      { kind: "branch", ref: "release/1", commit: first },
    ] as const;
    expect(await run(inputOf({ applied, marks }))).toMatchObject({ outcome: "changed" });
    await fake.remote.setBranch("main", first);
    await expect(run(inputOf({ applied, marks }))).rejects.toMatchObject({ code: "history-rewritten" });
    expect(await run(inputOf({ applied, marks, ref: "release/1" }))).toMatchObject({ outcome: "unchanged" });
  });

  it("refuses whatever does not descend from config.since: older, of another line, by its id, of another repo", async () => {
    const old = await commitCatalogue("web");
    await fake.remote.setBranch("release/1", old);
    const since = await commitCatalogue("web\ndatabase");
    const source = { since };
    expect((await run(inputOf({ source }))).value.commit).toBe(since);
    const refused = { code: "commit-before-since" };
    await expect(run(inputOf({ source, ref: "release/1" }))).rejects.toMatchObject(refused);
    await expect(run(inputOf({ source, ref: old }))).rejects.toMatchObject(refused);
    const foreign = { since: "0".repeat(40), allowRewrite: true };
    await expect(run(inputOf({ source: foreign }))).rejects.toMatchObject(refused);
    const next = await commitCatalogue("web\nnext");
    expect((await run(inputOf({ source }))).value.commit).toBe(next);
    await fake.remote.rewrite({ "muster.yaml": "web" }, "of another line");
    await fake.remote.rewrite({ "muster.yaml": "web" }, "again");
    expect((await run(inputOf({ source }))).outcome).toBe("changed");
    await fake.remote.setBranch("main", old);
    await expect(run(inputOf({ source }))).rejects.toMatchObject(refused);
  });

  it("goes back to an older commit or tag when asked for it", async () => {
    const old = await commitCatalogue("web");
    await fake.remote.tag("v1", old);
    const commit = await commitCatalogue("web\ndatabase");
    const applied: AppliedConfig = { commit, ref: "main", refKind: "branch" };
    const source = { refs: ["main", "v*"] };
    expect((await run(inputOf({ applied, source, ref: "v1" }))).value).toMatchObject({ commit: old, refKind: "tag" });
    expect((await run(inputOf({ applied, source, ref: old }))).value).toMatchObject({ commit: old, refKind: "commit" });
  });

  it.each([
    ["catalogue-missing", async () => fake.remote.commitFiles({ other: "" }, "no catalogue")],
    ["catalogue-invalid", async () => commitCatalogue("?")],
    ["role-unknown", async () => commitCatalogue("database")],
    ["ref-unknown", async () => fake.remote.commitFiles({}, "elsewhere", { branch: "topic" })],
  ])("says %s and touches no worktree", async (code, push) => {
    const commit = await push();
    const error = await run().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    if (code === "catalogue-invalid")
      expect(error).toMatchObject({ message: `muster.yaml@${commit.slice(0, 12)}:1:1` });
    expect(fake.log).toEqual(["fetch"]);
  });

  it("fetches a mirror anew that turned out to be damaged, once", async () => {
    const commit = await commitCatalogue("web");
    const damaged = failure("config-mirror-damaged");
    fake.failCheckout(damaged);
    expect((await run()).value.commit).toBe(commit);
    expect(fake.log.filter((line) => line === "fetch")).toHaveLength(2);
    expect(context.warnings).toEqual(["config-mirror-damaged: config-mirror-damaged"]);
    fake.failCheckout(damaged);
    fake.failCheckout(damaged);
    await expect(run()).rejects.toBe(damaged);
  });

  it("says that a mirror was built anew", async () => {
    await commitCatalogue("web");
    fake.report({ rebuilt: "it was damaged" });
    await run();
    expect(context.warnings).toEqual(["config-mirror-rebuilt: it was damaged"]);
  });
});

describe("a server that is away", () => {
  it.each(["config-fetch-failed", "proxy-unreachable"] as const)(
    "is waited for without a mirror, as long as the settings say: %s",
    async (code) => {
      await commitCatalogue("web");
      fake.failFetchForEver(failure(code));
      const error = await run().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code, transient: true });
      expect(String(error)).toMatch(/given up after \d+ attempts in 10 min/);
      expect(clock.monotonicMs()).toBe(10 * minute);
      const waits = context.said.filter((text) => text.startsWith("waiting: "));
      expect(waits[0]).toBe(`waiting: ${code}; trying again in 0.5 s, up to 10 min more`);
    },
  );

  it("is used as soon as it is back", async () => {
    await commitCatalogue("web");
    fake.failFetch(failure("config-fetch-failed"), failure("config-fetch-failed"));
    expect((await run()).value.fetched).toBe(true);
    expect(clock.monotonicMs()).toBeLessThan(minute);
  });

  it("is not waited for long where there is a mirror: the run goes on with it and says so", async () => {
    const commit = await commitCatalogue("web");
    await run();
    fake.failFetchForEver(failure("config-fetch-failed"));
    const before = clock.monotonicMs();
    const result = await run();
    expect(result.value).toMatchObject({ commit, fetched: false });
    expect(result.summary).toContain("from the local mirror (offline)");
    expect(clock.monotonicMs() - before).toBe(20_000);
    expect(context.warnings).toEqual([expect.stringMatching(/^config-offline: .*going on with the local mirror/)]);
  });

  it("is waited for in spite of a mirror where offline runs are not allowed", async () => {
    await commitCatalogue("web");
    await run();
    fake.failFetchForEver(failure("config-fetch-failed"));
    await expect(run(inputOf({ offlineAllowed: false }))).rejects.toMatchObject({ code: "config-fetch-failed" });
  });

  it("that refuses us is asked again for a minute: credentials and roles may come late", async () => {
    fake.failFetchForEver(failure("config-access-denied"));
    await expect(run()).rejects.toMatchObject({ code: "config-access-denied" });
    expect(clock.monotonicMs()).toBe(minute);
  });

  it("is given up at once where waiting cannot help, and when the run is cancelled", async () => {
    const hopeless = new MusterError({ code: "config-content-refused", message: "no", hint: "" });
    fake.failFetch(hopeless);
    await expect(run()).rejects.toBe(hopeless);
    const bug = new Error("a bug");
    fake.failFetch(bug);
    await expect(run()).rejects.toBe(bug);
    const cancel = new AbortController();
    context = recordingContext("config", cancel.signal);
    fake.failFetchForEver(failure("config-fetch-failed"));
    clock.at(clock.monotonicMs() + 5_000, () => cancel.abort(new Error("cancelled")));
    await expect(run()).rejects.toThrow("cancelled");
  });
});

describe("the dry run", () => {
  it("says what it would check out, from a throw-away clone, and changes nothing", async () => {
    const old = await commitCatalogue("web");
    await run();
    const commit = await commitCatalogue("web\ndatabase");
    fake.log.length = 0;
    const applied: AppliedConfig = { commit: old, ref: "main", refKind: "branch" };
    const { steps, value } = await planConfig(inputOf({ applied, role: "database" }), ports(), context);
    expect(steps).toEqual([
      {
        text: `check out main at ${commit.slice(0, 12)} "Add roles"`,
        details: [`${old.slice(0, 12)} was applied last`],
      },
      {
        text: "remove worktrees of older commits",
        details: [`kept: ${commit.slice(0, 12)}, ${old.slice(0, 12)}`],
      },
    ]);
    expect(value).toMatchObject({ commit, role: { name: "database" }, fetched: true });
    expect(fake.log).toEqual(["scratch", "fetch", "dispose"]);
    expect((await fake.repo.refs(context.signal))[0]?.commit).toBe(old);
  });

  it("takes its clone away when it fails", async () => {
    await commitCatalogue("?");
    await expect(planConfig(inputOf({}), ports(), context)).rejects.toMatchObject({ code: "catalogue-invalid" });
    expect(fake.log).toEqual(["scratch", "fetch", "dispose"]);
  });
});

function failure(code: ErrorCode): MusterError {
  return new MusterError({ code, message: code, hint: "", transient: true });
}
