import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createPuppetEngine } from "../../../../src/adapters/puppet/engine.ts";
import type { StepOf } from "../../../../src/domain/role/role.ts";
import { detached, type UnitSpec } from "../../../../src/ports/unit-runner.ts";
import { recordingContext } from "../../../fakes/stage-context.ts";
import { createFakeUnits, type FakeProgram } from "../../../fakes/unit-runner.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "muster-puppet-"));
  mkdirSync(join(root, "bin"));
  writeFileSync(join(root, "bin/puppet"), "");
  chmodSync(join(root, "bin/puppet"), 0o755);
  mkdirSync(join(root, "repo/site"), { recursive: true });
  mkdirSync(join(root, "repo/manifests"));
  writeFileSync(join(root, "repo/manifests/site.pp"), "");
  writeFileSync(join(root, "repo/hiera.yaml"), "");
});
afterEach(() => rmSync(root, { recursive: true }));

const step: StepOf<"puppet"> = {
  engine: "puppet",
  manifest: "manifests/site.pp",
  modules: ["site"],
  hiera: "hiera.yaml",
  environment: "production",
  timeoutMs: 60_000,
};

function run(over: Partial<StepOf<"puppet">> = {}, unit = "converge-1") {
  return { step: { ...step, ...over }, directory: join(root, "repo"), unit };
}

/** A Puppet that leaves behind what a real one left. */
function playing(name: string, program: FakeProgram) {
  return createFakeUnits((spec) => {
    const source = join(import.meta.dirname, "runs/puppet8", name);
    for (const [option, file] of [
      ["--lastrunfile=", "summary.yaml"],
      ["--logdest=/", "messages.jsonl"],
    ] as const) {
      if (existsSync(join(source, file))) copyFileSync(join(source, file), optionOf(spec, option));
    }
    return program;
  });
}

function optionOf(spec: UnitSpec, option: string): string {
  const found = spec.argv.find((argument) => argument.startsWith(option));
  if (found === undefined) throw new Error(`no ${option} in ${spec.argv.join(" ")}`);
  return found.slice(found.indexOf("=") + 1);
}

function engineOver(units: ReturnType<typeof createFakeUnits>, whenIdle = async () => undefined) {
  return createPuppetEngine({
    units: units.agent(),
    packages: { whenIdle },
    aptConfig: join(root, "run/apt-engine.conf"),
    logFile: (unit) => join(root, "logs", unit),
    reportsDirectory: join(root, "reports"),
    factsDirectory: join(root, "facter/facts.d"),
    searchPath: `${join(root, "nothing")}:${join(root, "bin")}`,
  });
}

const idle = createFakeUnits((spec) => {
  throw new Error(`nothing was to be started, but ${spec.name}`);
});

describe("apply", () => {
  test("runs puppet as a unit of the run and returns what it reported", async () => {
    const units = playing("changed", { lines: ["Notice: x"], exit: { kind: "exited", code: 2 } });
    const context = recordingContext("converge");
    const result = await engineOver(units).apply(run(), context);
    expect(result).toMatchObject({ changed: true, counts: { total: 8, changed: 1 }, failures: [] });
    const [spec] = units.started;
    expect(spec).toMatchObject({
      name: "muster-20261121T010000-abcd-converge-1",
      logFile: join(root, "logs/muster-20261121T010000-abcd-converge-1"),
      timeoutMs: 60_000,
    });
    expect(spec?.argv.slice(0, 4)).toEqual([join(root, "bin/puppet"), "apply", "--detailed-exitcodes", "--no-noop"]);
    const decided = ["--tags=", "--skip_tags=", "--catalog_terminus=compiler", "--catalog_cache_terminus="];
    expect(spec?.argv).toEqual(expect.arrayContaining(decided));
    expect(spec?.argv).toContain(`--modulepath=${root}/repo/site:$basemodulepath`);
    expect(spec?.argv).toContain(`--hiera_config=${root}/repo/hiera.yaml`);
    expect(spec?.argv.at(-1)).toBe(`${root}/repo/manifests/site.pp`);
    expect(context.printed).toEqual(["Notice: x"]);
  });

  test("begins when the package manager is free, and has the locks of dpkg waited for", async () => {
    const units = playing("unchanged", {});
    const idle = Promise.withResolvers<undefined>();
    const applied = engineOver(units, () => idle.promise).apply(run(), recordingContext("converge"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(units.started).toEqual([]);
    idle.resolve(undefined);
    await applied;
    const file = units.started[0]?.env["APT_CONFIG"] ?? "";
    expect(readFileSync(file, "utf8")).toMatch(/^DPkg::Lock::Timeout "600";$/m);
    expect(statSync(file).mode & 0o777).toBe(0o644);
    // Comparing changes no package.
    const compared = engineOver(playing("unchanged", {}), () => Promise.reject(new Error("it waited")));
    await compared.compare(run(), recordingContext("converge"));
  });

  test("without hiera the host's own is not read; the environment is an empty directory", async () => {
    const units = playing("unchanged", {});
    const { hiera: _, ...without } = step;
    await engineOver(units).apply(
      { step: { ...without, environment: "dev" }, directory: join(root, "repo"), unit: "converge-1" },
      recordingContext("converge"),
    );
    const [spec] = units.started;
    if (spec === undefined) throw new Error("not started");
    expect(readFileSync(optionOf(spec, "--hiera_config="), "utf8")).toBe("version: 5\nhierarchy: []\n");
    expect(readdirSync(join(optionOf(spec, "--environmentpath="), "dev"))).toEqual([]);
  });

  test("an agent that comes back reads the report of the run that went on without it", async () => {
    const gate = Promise.withResolvers<void>();
    const units = playing("changed", { go: gate.promise, exit: { kind: "exited", code: 2 } });
    const abort = new AbortController();
    const first = engineOver(units).apply(run(), recordingContext("converge", abort.signal));
    await expect.poll(() => units.started.length).toBe(1);
    abort.abort(detached);
    await expect(first).rejects.toBe(detached);
    gate.resolve();
    const result = await engineOver(units).apply(run(), recordingContext("converge"));
    expect(result.changed).toBe(true);
    expect(units.started).toHaveLength(1);
  });

  test("what a cancelled run left is not taken for the next one's", async () => {
    const units = playing("changed", { go: new Promise(() => undefined) });
    const abort = new AbortController();
    const cancelled = engineOver(units).apply(run(), recordingContext("converge", abort.signal));
    await expect.poll(() => units.started.length).toBe(1);
    abort.abort(new Error("cancelled"));
    await expect(cancelled).rejects.toThrow("cancelled");
    const silent = createFakeUnits(() => ({ exit: { kind: "exited", code: 0 } }));
    await expect(engineOver(silent).apply(run(), recordingContext("converge"))).rejects.toMatchObject({
      code: "converge-failed",
    });
  });

  test("reports of older runs are removed, those of this run's other steps stay", async () => {
    mkdirSync(join(root, "reports/20260101T000000-0000/converge-1"), { recursive: true });
    const engine = engineOver(playing("unchanged", {}));
    await engine.apply(run(), recordingContext("converge"));
    await engine.apply(run({}, "converge-2"), recordingContext("converge"));
    expect(readdirSync(join(root, "reports"))).toEqual(["20261121T010000-abcd"]);
    expect(readdirSync(join(root, "reports/20261121T010000-abcd"))).toEqual(["converge-1", "converge-2"]);
  });
});

describe("check", () => {
  const { signal } = new AbortController();

  test("passes when everything is there", async () => {
    await engineOver(idle).check(run(), signal);
    await engineOver(idle).check(run({ manifest: "manifests" }), signal);
  });

  test("no puppet", async () => {
    rmSync(join(root, "bin/puppet"));
    mkdirSync(join(root, "bin/puppet"));
    await expect(engineOver(idle).check(run(), signal)).rejects.toMatchObject({ code: "engine-missing" });
  });

  test("everything that is missing is named at once", async () => {
    const missing = run({ manifest: "manifests/nosuch.pp", modules: ["site", "modules", "hiera.yaml"], hiera: "site" });
    await expect(engineOver(idle).check(missing, signal)).rejects.toMatchObject({
      code: "converge-file-missing",
      message: expect.stringContaining(
        "manifests/nosuch.pp (manifest), modules (modules), hiera.yaml (modules), site (hiera)",
      ) as unknown,
    });
  });
});

function file(): string {
  return join(root, "facter/facts.d/muster.json");
}

function written(): unknown {
  return JSON.parse(readFileSync(file(), "utf8"));
}

describe("publishFact", () => {
  test("hostile values are data", async () => {
    const tags = { "muster:role": "web", evil: "%{facts.os} $(id) `id` ${x}\n\"'<b>\\" };
    await engineOver(idle).publishFact({ role: "web", tags });
    expect(written()).toEqual({ muster: { role: "web", tags } });
    expect(statSync(file()).mode & 0o777).toBe(0o644);
  });

  test("what facter refuses is replaced: one tag must not cost all facts", async () => {
    await engineOver(idle).publishFact({ tags: { "a\0": "b\0c", d: "\ud800", e: ["\udc00"] } });
    expect(written()).toEqual({ muster: { tags: { "a\uFFFD": "b\uFFFDc", d: "\uFFFD", e: ["\uFFFD"] } } });
  });

  test("wrong content is replaced, also behind a link, and nothing else lies in facter's directory", async () => {
    mkdirSync(dirname(file()), { recursive: true });
    writeFileSync(join(root, "elsewhere"), "mine");
    symlinkSync(join(root, "elsewhere"), file());
    await engineOver(idle).publishFact({ role: "web" });
    expect(written()).toEqual({ muster: { role: "web" } });
    expect(readFileSync(join(root, "elsewhere"), "utf8")).toBe("mine");
    expect(readdirSync(dirname(file()))).toEqual(["muster.json"]);
  });

  test("a directory that cannot be written is an error that says so", async () => {
    writeFileSync(join(root, "facter"), "a file");
    await expect(engineOver(idle).publishFact({})).rejects.toMatchObject({ code: "state-write-failed" });
  });
});
