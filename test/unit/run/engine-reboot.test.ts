import { beforeEach, describe, expect, it } from "vitest";
import { catalogue, createWorld, never, trouble, type Process, type World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await createWorld();
});

async function nextBoot(): Promise<Process> {
  world.bootId = "boot-2";
  return world.start();
}

describe("an engine that asks for a reboot", () => {
  it("gets it after converge, ours instead of the one that it scheduled", async () => {
    world.engine.during = async () => {
      world.machine.scheduled = true;
    };
    expect(await (await world.start()).executor.start(never)).toMatchObject({ kind: "rebooting", stage: "converge" });
    world.machine.scheduled = false;
    world.engine.during = async () => undefined;
    expect(await (await nextBoot()).executor.start(never)).toMatchObject({ kind: "in-service" });
    expect(world.machine.calls).toEqual(["reboot"]);
  });

  it("is named for it by the agent that asks again, too", async () => {
    world.engine.during = async () => {
      world.machine.scheduled = true;
    };
    const asked = await (await world.start()).executor.start(never);
    // The same boot: the agent was killed, and the machine is still up.
    const next = await world.start();
    expect(await next.executor.start(never)).toEqual(asked);
    expect(next.status.current().reason).toBe("planned, after converge: the engine has scheduled a reboot");
    expect(world.engine.runs).toHaveLength(1);
  });

  it("does not get it where the catalogue says never: what it scheduled is taken back", async () => {
    await world.repo.remote.commitFiles(catalogue({ patch: { scope: "security", reboot: "never" } }), "no reboots");
    world.engine.during = async () => {
      world.machine.scheduled = true;
    };
    expect(await (await world.start()).executor.start(never)).toMatchObject({
      kind: "in-service",
      rebootRefused: expect.any(String) as string,
    });
    expect(world.machine.calls).toEqual(["cancel"]);
  });

  it("keeps the one that it scheduled when ours cannot be made: it would not ask again", async () => {
    world.engine.during = async () => {
      world.machine.scheduled = true;
    };
    world.machine.onReboot = () => {
      throw trouble("reboot-failed", true);
    };
    const held = { kind: "held", stage: "converge", error: { code: "reboot-failed" } };
    expect(await (await world.start()).executor.start(never)).toMatchObject(held);
    expect(world.machine).toMatchObject({ scheduled: true, calls: [] });
  });

  it("gets no third one: what it scheduled is taken back", async () => {
    world.engine.during = async () => {
      world.machine.scheduled = true;
    };
    for (const bootId of ["boot-1", "boot-2"]) {
      world.bootId = bootId;
      expect(await (await world.start()).executor.start(never)).toMatchObject({ kind: "rebooting" });
    }
    world.bootId = "boot-3";
    const held = { kind: "held", stage: "converge", error: { code: "reboot-budget-spent" } };
    expect(await (await world.start()).executor.start(never)).toMatchObject(held);
    expect(world.machine.calls).toEqual(["reboot", "reboot", "cancel"]);
  });

  it("holds the run at converge when nobody can tell, or the reboot cannot be taken back", async () => {
    world.engine.during = async () => {
      world.packages.rebootState = () => Promise.reject(trouble("package-look-failed", true));
    };
    const held = { kind: "held", stage: "converge", error: { code: "package-look-failed" } };
    expect(await (await world.start()).executor.start(never)).toMatchObject(held);

    const other = await createWorld();
    await other.repo.remote.commitFiles(catalogue({ patch: { scope: "security", reboot: "never" } }), "no reboots");
    other.engine.during = async () => void (other.machine.scheduled = true);
    other.machine.cancelReboot = () => Promise.reject(trouble("reboot-failed", true));
    const stuck = { kind: "held", stage: "converge", error: { code: "reboot-failed" } };
    expect(await (await other.start()).executor.start(never)).toMatchObject(stuck);
  });
});
