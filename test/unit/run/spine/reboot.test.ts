import { beforeEach, describe, expect, it } from "vitest";
import { catalogue, createWorld, never, story, trouble, type Process, type World } from "../world.ts";

let world: World;

beforeEach(async () => {
  world = await createWorld();
});

const asks = { required: true, reasons: ["libc6 asks for a reboot"] };
const nothing = { required: false, reasons: [] };
const rebooting = { kind: "rebooting", stage: "patch", reasons: asks.reasons };

/** The machine comes up again with another boot id, and muster with it. */
async function boot(bootId: string): Promise<Process> {
  world.bootId = bootId;
  return world.start();
}

function refuseReboots(): void {
  world.machine.onReboot = () => {
    throw trouble("reboot-failed", true);
  };
}

/** The journal takes everything but that a reboot is planned. */
function keepOffRecord(): void {
  const append = world.files.append.bind(world.files);
  world.files.append = async (name, text) => {
    if (text.includes('"reboot-planned"')) throw trouble("state-write-failed", true);
    await append(name, text);
  };
}

function journalOf(run: string): Promise<string | undefined> {
  return world.files.read(`runs/${run}/journal.jsonl`);
}

describe("a reboot that is due", () => {
  it("is made before converge, and the run goes on in the next boot", async () => {
    world.packages.reboot = asks;
    const first = await world.start();
    expect(await first.executor.start(never)).toEqual(rebooting);
    expect(world.machine.calls).toEqual(["reboot"]);
    expect(first.status.current()).toMatchObject({
      state: "rebooting",
      reason: "planned, after patch: libc6 asks for a reboot",
      run: { finished: false },
    });
    expect(world.engine.runs).toEqual([]);

    world.packages.reboot = nothing;
    const second = await boot("boot-2");
    expect(second.status.current()).toMatchObject({
      state: "starting",
      reason: expect.stringContaining("as planned") as string,
    });
    expect(await second.executor.start(never)).toMatchObject({ kind: "in-service" });
    expect(second.events[0]).toMatchObject({ type: "run-started", startType: "planned-reboot", resumed: true });
    const told = story(second.events);
    expect(told).toEqual(expect.arrayContaining(["identity unchanged", "config replayed", "converge changed"]));
    expect(world.machine.calls).toEqual(["reboot"]);
    const [run] = await world.files.list("runs");
    const journal = (await journalOf(run ?? ""))?.trimEnd().split("\n") ?? [];
    expect(journal.filter((line) => line.includes('"kind":"reboot-planned"'))).toHaveLength(1);
    expect(await world.files.list("runs")).toHaveLength(1);
    // The next run begins with a whole budget.
    expect(await world.files.read("reboots.json")).toBeUndefined();
  });

  it("is made twice at most, and then the run is held with the reason", async () => {
    world.packages.reboot = asks;
    await (await world.start()).executor.start(never);
    expect(await (await boot("boot-2")).executor.start(never)).toEqual(rebooting);
    const third = await boot("boot-3");
    expect(await third.executor.start(never)).toMatchObject({
      kind: "held",
      stage: "patch",
      error: { code: "reboot-budget-spent" },
    });
    expect(world.machine.calls).toEqual(["reboot", "reboot"]);
    // Neither a part of a run, a retry nor a lost journal gives new ones.
    expect(await third.run({ stages: ["health"] })).toMatchObject({ kind: "done" });
    expect(await third.executor.run({ cause: "retry", dryRun: false }, 0, () => undefined, never)).toMatchObject({
      kind: "held",
    });
    const runs = await world.files.list("runs");
    await world.files.write(`runs/${runs.at(-1)}/journal.jsonl`, "garbled\n");
    expect(await (await boot("boot-4")).executor.start(never)).toMatchObject({
      error: { code: "reboot-budget-spent" },
    });
    expect(world.machine.calls).toEqual(["reboot", "reboot"]);
  });

  it("is not given up by a command that the machine ends on its way down", async () => {
    world.packages.reboot = asks;
    await (await world.start()).executor.start(never);
    // The daemon has ended, the machine is not down yet, and somebody's `muster run` takes the run up.
    const command = await world.command();
    const end = new AbortController();
    world.machine.onReboot = () => {
      end.abort(new Error("SIGTERM"));
      end.signal.throwIfAborted();
    };
    await expect(command.run({}, end.signal)).rejects.toThrow("SIGTERM");
    world.packages.reboot = nothing;
    const next = await boot("boot-2");
    expect(await next.executor.start(never)).toMatchObject({ kind: "in-service" });
    expect(next.events[0]).toMatchObject({ startType: "planned-reboot" });
  });

  it("is asked for again by an agent that died before it came, and counts once", async () => {
    world.packages.reboot = asks;
    await (await world.start()).executor.start(never);
    // The same boot: the agent was killed, and the machine is still up.
    expect(await (await world.start()).executor.start(never)).toMatchObject({ kind: "rebooting" });
    expect(world.machine.calls).toEqual(["reboot", "reboot"]);
    const [run] = await world.files.list("runs");
    expect((await journalOf(run ?? ""))?.match(/"reboot-planned"/g)).toHaveLength(1);
    world.packages.reboot = nothing;
    const next = await boot("boot-2");
    expect(await next.executor.start(never)).toMatchObject({ kind: "in-service" });
    expect(next.events[0]).toMatchObject({ startType: "planned-reboot" });
  });

  it("that systemd refuses holds the run", async () => {
    world.packages.reboot = asks;
    refuseReboots();
    expect(await (await world.start()).executor.start(never)).toMatchObject({
      kind: "held",
      stage: "patch",
      error: { code: "reboot-failed" },
    });
  });

  it.for([
    ["that systemd refuses", "reboot-failed", refuseReboots],
    ["that a full disk keeps off the record", "state-write-failed", keepOffRecord],
  ] as const)("%s counts only once the machine went down", async ([_, code, refuseIt]) => {
    world.packages.reboot = asks;
    const append = world.files.append.bind(world.files);
    const first = await world.start();
    refuseIt();
    expect(await first.executor.start(never)).toMatchObject({ kind: "held", error: { code } });
    for (const attempt of [2, 3, 4]) {
      const end = await first.executor.run({ cause: "retry", dryRun: false }, 0, () => undefined, never);
      expect(end, `attempt ${attempt}`).toMatchObject({ kind: "held", error: { code } });
    }
    world.machine.onReboot = () => undefined;
    world.files.append = append;
    expect(await first.executor.run({ cause: "retry", dryRun: false }, 0, () => undefined, never)).toEqual(rebooting);
    expect(await (await boot("boot-2")).executor.start(never)).toEqual(rebooting);
    expect(await (await boot("boot-3")).executor.start(never)).toMatchObject({
      error: { code: "reboot-budget-spent" },
    });
    expect(world.machine.calls).toEqual(["reboot", "reboot"]);
  });

  it("is not made in service, by part of a run, on request, or where the catalogue says never", async () => {
    const muster = await world.start();
    await muster.executor.start(never);
    world.packages.reboot = asks;
    const serving = await muster.run();
    expect(serving).toMatchObject({
      kind: "in-service",
      rebootRefused: expect.stringContaining("in service") as string,
    });
    expect(story(muster.events)).toContain("notice reboot-required");
    await muster.drain();
    expect(await muster.run({ stages: ["patch"] })).toMatchObject({
      rebootRefused: expect.stringContaining("part") as string,
    });
    expect(await muster.run({ noReboot: true })).toMatchObject({
      rebootRefused: expect.stringContaining("--no-reboot") as string,
    });
    await world.repo.remote.commitFiles(catalogue({ patch: { scope: "security", reboot: "never" } }), "no reboots");
    expect(await muster.run()).toMatchObject({ rebootRefused: expect.stringContaining("never") as string });
    expect(world.machine.calls).toEqual([]);
  });

  it("is made for a drained instance, which stays out afterwards", async () => {
    const muster = await world.start();
    await muster.executor.start(never);
    await muster.drain();
    world.packages.reboot = asks;
    expect(await muster.run()).toEqual(rebooting);
    world.packages.reboot = nothing;
    const next = await boot("boot-2");
    expect(await next.executor.start(never)).toMatchObject({ kind: "done" });
    expect(next.status.current().state).toBe("out-of-service");
  });
});

describe("services that run replaced code", () => {
  const restarted = "restart page.service";

  beforeEach(() => {
    world.packages.outdated = ["page.service"];
  });

  it("are restarted before anything else is done", async () => {
    world.engine.during = async () => expect(world.machine.calls).toEqual([restarted]);
    const muster = await world.start();
    expect(await muster.executor.start(never)).toMatchObject({ kind: "in-service" });
    expect(muster.status.current().run?.stages).toContainEqual(
      expect.objectContaining({
        stage: "patch",
        text: "no security updates to install; 1 service restarted",
        facts: expect.objectContaining({ restarted: ["page.service"] }) as unknown,
      }),
    );
  });

  it("are left alone where the machine reboots next", async () => {
    world.packages.reboot = asks;
    await (await world.start()).executor.start(never);
    expect(world.machine.calls).toEqual(["reboot"]);
  });

  it("are restarted where the catalogue forbids the reboot", async () => {
    world.packages.reboot = asks;
    await world.repo.remote.commitFiles(catalogue({ patch: { scope: "security", reboot: "never" } }), "no reboots");
    await (await world.start()).executor.start(never);
    expect(world.machine.calls).toEqual([restarted]);
  });

  it("are left alone while the instance serves, and restarted once it is drained", async () => {
    world.packages.outdated = [];
    const muster = await world.start();
    await muster.executor.start(never);
    world.packages.outdated = ["page.service"];
    await muster.run();
    expect(story(muster.events)).toContain("notice services-outdated");
    expect(world.machine.calls).toEqual([]);
    await muster.drain();
    await muster.run({ stages: ["patch"] });
    expect(world.machine.calls).toEqual([restarted]);
  });
});
