import { describe, expect, it, test } from "vitest";
import type { RunEvent } from "../../../src/domain/run/events.ts";
import { catalogue, createWorld, never, trouble, type Process, type World } from "./world.ts";

/** What a dry run told whoever asked for it: `STAGE: text`. */
async function plan(muster: Process, stages?: readonly ("patch" | "health")[]) {
  const heard: RunEvent[] = [];
  const request = { cause: "manual", dryRun: true, ...(stages === undefined ? {} : { stages }) } as const;
  const end = await muster.executor.run(request, 0, (event) => void heard.push(event), never);
  const lines = heard.flatMap((event) =>
    event.type === "stage-planned" ? event.steps.map(({ text }) => `${event.stage}: ${text}`) : [],
  );
  return { end, lines };
}

function stagesOf(lines: readonly string[]): readonly string[] {
  return [...new Set(lines.map((line) => line.slice(0, line.indexOf(":"))))];
}

test("a dry run on a new machine tells what each stage would do and leaves nothing behind", async () => {
  const world = await createWorld();
  world.files.failWrites(new Error("a dry run wrote to the disk"));
  const muster = await world.start();
  const { end, lines } = await plan(muster);
  expect(end).toMatchObject({ kind: "done", changed: false, note: "a dry run, nothing was changed" });
  expect(stagesOf(lines)).toEqual(["identity", "config", "index", "converge", "health", "register", "dns", "tags"]);
  expect([...world.files.texts.keys()]).toEqual([]);
  expect(world.repo.log).toEqual(["scratch", "fetch", "dispose"]);
  expect([...world.packages.calls, ...world.engine.runs, ...world.balancer.calls, ...world.dns.calls]).toEqual([]);
  expect(world.tags.writes).toEqual([]);
});

test("a dry run on an instance that serves changes neither its status nor its log", async () => {
  const world = await createWorld();
  const muster = await world.start();
  await muster.executor.start(never);
  const before = muster.status.current();
  const events = muster.events.length;
  const { end, lines } = await plan(muster);
  expect(end).toMatchObject({ kind: "done", changed: false, note: "a dry run, nothing was changed" });
  expect(lines.filter((line) => /^(register|dns|tags)/.test(line))).toEqual([]);
  expect(muster.status.current()).toEqual(before);
  expect(muster.events).toHaveLength(events);
});

test("a dry run of a part tells of that part", async () => {
  const world = await createWorld();
  const muster = await world.start();
  const { lines } = await plan(muster, ["health"]);
  expect(stagesOf(lines)).toEqual(["identity", "config", "health"]);
});

test("a dry run of a drained instance tells that it stays out", async () => {
  const world = await createWorld();
  const muster = await world.start();
  await muster.executor.start(never);
  await muster.drain();
  const { lines } = await plan(muster);
  expect(lines.at(-1)).toBe("register: stay out of service: operator drains; muster join brings it back");
});

test("a dry run fails where the run would", async () => {
  const world = await createWorld();
  world.repo.failFetchForEver(trouble("config-access-denied"));
  const muster = await world.start();
  expect((await plan(muster)).end).toMatchObject({
    kind: "failed",
    stage: "config",
    error: { code: "config-access-denied" },
  });
  expect(world.repo.log.at(-1)).toBe("dispose");
});

test("a dry run waits for nobody: it is made beside a run", async () => {
  const world = await createWorld();
  const muster = await world.start();
  const running = muster.executor.start(never);
  expect((await plan(muster, ["patch"])).end).toMatchObject({ kind: "done" });
  await running;
});

const upgrade = { name: "libc6", from: "1", to: "2", security: true };
const due = { required: true, reasons: ["libc6 asks for a reboot"] };

async function planned(prepare: (world: World) => void, over: Record<string, unknown> = {}) {
  const world = await createWorld();
  prepare(world);
  await world.repo.remote.commitFiles(catalogue(over), "what counts");
  const { lines } = await plan(await world.start());
  return lines.filter((line) => line.startsWith("patch: ")).map((line) => line.slice("patch: ".length));
}

function upgradeWaits(world: World): void {
  world.packages.state = { ...world.packages.state, upgrades: [upgrade] };
}

describe("what follows from patching is told", () => {
  it("a reboot that may be needed, and services that will be", async () => {
    expect(await planned(upgradeWaits)).toEqual([
      "install 1 security upgrade",
      "restart what runs replaced code then: decided at run time",
      "reboot, if what is installed asks for it: decided at run time",
    ]);
  });

  it("one that is due already", async () => {
    const lines = await planned((world) => {
      world.packages.reboot = due;
      world.packages.outdated = ["page.service"];
    });
    expect(lines).toEqual(["reboot, and go on with this run afterwards"]);
  });

  it("one after every change, and none without", async () => {
    const always = { patch: { scope: "security", reboot: "always" } };
    expect(await planned(upgradeWaits, always)).toContain("reboot, and go on with this run afterwards");
    expect(await planned(() => undefined, always)).toEqual([]);
  });

  it("none, where the catalogue says never", async () => {
    const never = { patch: { scope: "security", reboot: "never" } };
    expect((await planned(upgradeWaits, never)).at(-1)).toBe(
      "not reboot, whatever is installed: the catalogue says reboot: never",
    );
    const lines = await planned((world) => {
      world.packages.reboot = due;
      world.packages.outdated = ["page.service"];
    }, never);
    expect(lines).toEqual([
      "restart services that run replaced code",
      "go on without the reboot that is due: the catalogue says reboot: never",
    ]);
  });

  it("none, while the instance serves", async () => {
    const world = await createWorld();
    const muster = await world.start();
    await muster.executor.start(never);
    upgradeWaits(world);
    const { lines } = await plan(muster, ["patch"]);
    expect(lines.at(-1)).toBe(
      "patch: not reboot, whatever is installed: the instance is in service, and this run does not take it out",
    );
    expect(lines.join("\n")).not.toContain("restart");
  });
});
