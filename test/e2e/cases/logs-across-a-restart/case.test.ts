import { expect, test } from "vitest";

import type { Instance } from "../../../lab/instance.ts";
import { muster, waitForState } from "../../harness/muster.ts";
import { createWorld } from "../../harness/world.ts";

test("killed in mid-converge: what Puppet printed before and after stands in the log once, and whoever follows sees all of it", async () => {
  await using world = await createWorld(import.meta.dirname);
  const web = await world.boot();
  await web.waitFor(() => exists(web, "/run/waits"), { what: "Puppet works", every: 100 });
  await web.exec(
    "systemd-run --quiet --unit=reader --property=StandardOutput=file:/root/followed muster logs --follow",
  );
  await web.waitFor(async () => (await web.readFile("/root/followed")).includes("printed-before"), {
    what: "followed",
  });
  expect((await muster(web, "runs")).stdout).toMatch(/under way .* first-boot/);

  await web.kill("SIGKILL");
  const attached = async (): Promise<boolean> => begunPuppets(await recorded(web)) === 2;
  await web.waitFor(attached, { what: "the agent is back at the same Puppet", timeout: 30_000 });
  await web.exec("touch /run/go-on");
  await waitForState(web, "in-service");

  const told = (await muster(web, "logs --full")).stdout;
  const followed = async (): Promise<string> => web.readFile("/root/followed");
  await web.waitFor(async () => (await followed()).includes("in-service:"), { what: "followed to the end" });
  await web.exec("systemctl stop reader");
  for (const text of [told, await followed()]) {
    const place = (words: RegExp): number => {
      const found = [...text.matchAll(words)];
      expect(found, `${words.source} in\n${text}`).toHaveLength(1);
      return found[0]?.index ?? -1;
    };
    const places = [
      place(/^ {10}\| .*printed-before/gm),
      place(/taken up where it was interrupted$/gm),
      place(/^ {10}\| .*printed-after/gm),
      place(/puppet apply: exit 2 /g),
      place(/converge {2}changed: /g),
    ];
    expect(places).toEqual(places.toSorted((one, other) => one - other));
  }
});

async function exists(instance: Instance, path: string): Promise<boolean> {
  return (await instance.exec(["test", "-e", path], { check: false })).code === 0;
}

async function recorded(instance: Instance): Promise<string> {
  return (await instance.exec("cat /var/lib/muster/runs/*/events.jsonl")).stdout;
}

function begunPuppets(events: string): number {
  return events.match(/"type":"command-started".*"puppet apply"/g)?.length ?? 0;
}
