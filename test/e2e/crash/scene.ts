// A world in which instances die, and one in it that does not.
import type { Instance } from "../../lab/instance.ts";
import { labPackages } from "../../lab/services/apt-packages.ts";
import { run } from "../../lab/run.ts";
import { waitForState, waitForUnits } from "../harness/muster.ts";
import { createWorld, type World } from "../harness/world.ts";
import { differences, type EndState, endState } from "./end-state.ts";
import { type Outside, watchOutside } from "./gates.ts";

export interface Scene extends AsyncDisposable {
  world: World;
  outside: Outside;
  /** An instance that is up, and whose agent has not begun. */
  boot: () => Promise<{ instance: Instance; id: string }>;
  /** How its end differs from that of the undisturbed one. */
  differencesOf: (instance: Instance, id: string) => Promise<string[]>;
  /** What an undisturbed run takes, in milliseconds. */
  undisturbedMs: number;
}

export type Story = "plain" | "rebooting";

/** What sets the instances of a scene apart from the usual ones. */
export interface SceneOptions {
  image?: string;
  settings?: (services: World["services"]) => Record<string, unknown>;
  /** What is done to each of them before its agent begins. */
  prepare?: (instance: Instance) => Promise<void>;
}

/** @param story whether the update that waits asks for a reboot */
export async function createScene(story: Story, options: SceneOptions = {}): Promise<Scene> {
  const world = await createWorld(import.meta.dirname);
  const outside = watchOutside(world);
  const { apt } = world.services;
  if (story === "rebooting") await apt.publish(labPackages.restart("1.1"), "security");
  let count = 0;

  async function boot(): Promise<{ instance: Instance; id: string }> {
    count += 1;
    const id = `i-${String(count).padStart(17, "0")}`;
    const instance = await world.boot({
      id,
      name: `crash-${count}`,
      enableMuster: false,
      ...(options.image === undefined ? {} : { image: options.image }),
      ...(options.settings === undefined ? {} : { settings: options.settings(world.services) }),
    });
    await run(["systemctl", `--root=${instance.outside.root}`, "enable", "--quiet", "muster.service"]);
    await options.prepare?.(instance);
    await instance.exec("sync");
    return { instance, id };
  }

  async function undisturbed(): Promise<{ state: EndState; ms: number }> {
    const { instance, id } = await boot();
    await using _ = instance;
    const begun = performance.now();
    await instance.exec("systemctl start --no-block muster.service");
    await waitForState(instance, "in-service");
    const ms = performance.now() - begun;
    await waitForUnits(instance, { "muster.service": "active", "muster-ready.target": "active" });
    return { state: await endState(world, instance, id), ms };
  }

  const { state, ms } = await undisturbed();
  return {
    world,
    outside,
    boot,
    differencesOf: async (instance, id) => differences(state, await endState(world, instance, id)),
    undisturbedMs: ms,
    async [Symbol.asyncDispose]() {
      await outside[Symbol.asyncDispose]();
      await world.close();
    },
  };
}
