// A clock that is ten years off at boot and then set. Containers share the clock of their host, so libfaketime tells
// another one: all but the monotonic one, which nobody sets.
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Instance } from "../../lab/instance.ts";
import { setTripwire } from "../../lab/machine/tripwire.ts";
import { extrasImageDirectory } from "../../lab/prepare/extras-image.ts";
import { instancePaths, type Services } from "../../lab/services/services.ts";
import { muster, waitForState } from "../harness/muster.ts";
import { servers } from "../harness/outside.ts";
import { createScene, type Scene, type SceneOptions } from "./scene.ts";
import { runs } from "./state.ts";

const image = extrasImageDirectory("bookworm");
const offsets = { 2036: "+10y", 2016: "-10y" } as const;
/** Nothing here takes longer, and nothing here is a part of ten years: in milliseconds. */
const minutes = 5 * 60_000;
const years = Object.entries(offsets);

describe("nobody sets it before the run asks a server", () => {
  const scene = sceneOf({});

  test.for(years)(
    "in %s the run is held because of it, registers nothing, and ends well once it is set",
    async ([year, offset]) => {
      const { instance, id } = await scene().boot();
      await using _ = instance;
      await setClock(instance, offset);
      await instance.exec("systemctl start --no-block muster.service");
      const held = await waitForState(instance, "held");
      expect(held.since.slice(0, 4)).toBe(year);
      expect(held.error).toMatchObject({ code: "config-certificate-refused" });
      expect((await muster(instance, "explain")).stdout).toMatch(/clock/);
      expect(await serversIn(scene(), instance)).toEqual([]);

      await setClock(instance, "+0");
      const report = await waitForState(instance, "in-service");
      const now = new Date().toISOString().slice(0, 4);
      expect([report.since.slice(0, 4), report.run?.startedAt.slice(0, 4)]).toEqual([now, now]);
      expect(report.run?.id).toBe(runs(instance).at(-1));
      expect(await scene().differencesOf(instance, id)).toEqual([]);
    },
  );
});

describe("it is set while Puppet is at work", () => {
  // ssh has no dates: the run comes as far as that.
  const scene = sceneOf({
    settings: ({ git }: Services) => ({
      config: {
        url: git.url("ssh", "ops/config"),
        ssh: { key: instancePaths.sshKey, knownHosts: instancePaths.knownHosts },
      },
    }),
  });

  test.for(years)("from %s: one run, and what counts time is none the worse", async ([year, offset]) => {
    const { instance, id } = await scene().boot();
    await using _ = instance;
    await setClock(instance, offset);
    const wire = await setTripwire(instance, "/srv/work\\.new$", () => true);
    await instance.exec("systemctl start --no-block muster.service");
    await wire.hit;
    await wire.cut();
    await instance.thaw();
    await setClock(instance, "+0");

    const report = await waitForState(instance, "in-service");
    expect(report.run?.startedAt.slice(0, 4)).toBe(year);
    expect(report.run?.durationMs).toBeLessThan(minutes);
    expect(runs(instance)).toHaveLength(1);
    const timeline = JSON.parse((await muster(instance, "timeline --format json")).stdout) as { durationMs: number };
    expect(timeline.durationMs).toBeLessThan(minutes);

    // It leaves and comes back as if nothing had been, and so does an agent that reads what was written then.
    const begun = performance.now();
    expect((await muster(instance, "drain")).code).toBe(0);
    expect((await muster(instance, "join")).code).toBe(0);
    expect(performance.now() - begun).toBeLessThan(60_000);
    await instance.exec("systemctl restart muster.service");
    expect((await muster(instance, "run")).code).toBe(0);
    const later = await waitForState(instance, "in-service");
    expect(later.run?.id).toBe(runs(instance).at(-1));
    expect(await scene().differencesOf(instance, id)).toEqual([]);
  });
});

/** A scene for a group of tests. */
function sceneOf(options: SceneOptions): () => Scene {
  let scene: Scene | undefined;
  beforeAll(async () => {
    scene = await createScene("plain", { ...options, image, prepare: withAnotherClock });
  });
  afterAll(() => scene?.[Symbol.asyncDispose]());
  return () => {
    if (scene === undefined) throw new Error("there is no scene yet");
    return scene;
  };
}

const rules = "/etc/faketimerc";
const library = "$(ls /usr/lib/*/faketime/libfaketime.so.1)";
const other = `LD_PRELOAD=${library} DONT_FAKE_MONOTONIC=1 FAKETIME_NO_CACHE=1`;

/**
 * The agent and the programs that judge dates have the clock that {@link setClock} sets. Not what Puppet and DNS run in:
 * their threads do not get along with the library.
 */
async function withAnotherClock(instance: Instance): Promise<void> {
  await setClock(instance, "+0");
  const dropIn = `[Service]\nUnsetEnvironment=\nEnvironment=${other}\n`;
  const wrapped = ["git", "apt-get"].map(
    (name) => `printf '#!/bin/sh\nexec env %s /usr/bin/%s "$@"\n' "${other}" ${name} > /usr/local/bin/${name}`,
  );
  const directory = "/etc/systemd/system/muster.service.d";
  await instance.exec(
    [
      ...wrapped,
      "chmod +x /usr/local/bin/*",
      `mkdir ${directory} && printf '%b' "${dropIn.replaceAll("\n", "\\n")}" > ${directory}/clock.conf`,
      "systemctl daemon-reload",
    ].join(" && "),
  );
}

/** As time services do it: at once. */
function setClock(instance: Instance, offset: string): Promise<void> {
  return instance.writeFile(rules, `${offset}\n`);
}

async function serversIn({ world }: Scene, instance: Instance): Promise<readonly unknown[]> {
  return (await servers(world)).filter(({ address }) => address === instance.address);
}
