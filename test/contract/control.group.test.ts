import { chmod, stat, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { call } from "../../src/adapters/control/call.ts";
import {
  createControlClient,
  createPausesClient,
  createTagsClient,
  settingsInForce,
} from "../../src/adapters/control/client.ts";
import { guardTags } from "../../src/daemon/controllers/guarded-tags.ts";
import { MusterError } from "../../src/domain/errors/errors.ts";
import type { TagStore } from "../../src/ports/tag-store.ts";
import { initialStatus } from "../../src/run/state/status.ts";
import { at, never, serve, settingsServed, world } from "./control.world.ts";

const request = { cause: "manual", dryRun: false } as const;

test("sockets that a dead daemon left are replaced; without a group, their owner alone may use the new ones", async () => {
  for (const socket of [world.path, world.groupSocket]) await writeFile(socket, "");
  const client = await serve({ status: async () => initialStatus("boot-a", at) });
  expect((await client.status()).state).toBe("new");
  expect(await modes()).toEqual({ directory: "700", root: "600", group: "600" });
});

test.runIf(process.getuid?.() === 0)(
  "the group may pass through the directory, and use its own socket alone",
  async () => {
    await chmod(world.directory, 0o777);
    await serve({}, { group: 4242 });
    expect(await modes()).toEqual({ directory: "710", root: "600", group: "660" });
    const { directory, path, groupSocket } = world;
    const groups = await Promise.all([directory, path, groupSocket].map(async (each) => (await stat(each)).gid));
    expect(groups).toEqual([4242, 0, 4242]);
  },
);

async function modeOf(file: string): Promise<string> {
  return ((await stat(file)).mode & 0o777).toString(8);
}

async function modes() {
  const { directory, path, groupSocket } = world;
  return { directory: await modeOf(directory), root: await modeOf(path), group: await modeOf(groupSocket) };
}

test("on its socket the group reads status and works with tags, and asks for nothing else", async () => {
  await serve({ status: async () => initialStatus("boot-a", at) });
  const agent = createControlClient(world.groupSocket);
  expect((await agent.status()).state).toBe("new");
  const forbidden = { code: "control-forbidden" };
  await expect(agent.run(request, 0, () => undefined, never)).rejects.toMatchObject(forbidden);
  const out = { want: "out", by: "operator", reason: "x" } as const;
  await expect(agent.membership(out, 0, () => undefined, never)).rejects.toMatchObject(forbidden);
  await expect(agent.follow(() => undefined, never)).rejects.toMatchObject(forbidden);
  await expect(settingsInForce(world.groupSocket)).rejects.toMatchObject(forbidden);
  const pauses = createPausesClient(world.groupSocket);
  await expect(pauses.begin({ reason: "x", by: "root", forMs: 1 })).rejects.toMatchObject(forbidden);
  await expect(pauses.end()).rejects.toMatchObject(forbidden);
});

test("root is told the settings in force", async () => {
  await serve({});
  expect(await settingsInForce(world.path)).toEqual(settingsServed);
});

test("tags go through the socket whole, and so do refusals and what is not fresh", async () => {
  await serve({});
  const client = createTagsClient(world.groupSocket);
  await client.add({ "app:tier": "größe\n漢字", raw: "" }, never);
  await client.remove([{ key: "Name", value: "db" }, { key: "raw" }], never);
  expect(await client.list(never)).toEqual({
    tags: { Name: "web", "muster:role": "web", "app:tier": "größe\n漢字" },
  });
  expect(await client.find([{ key: "app:*" }], never)).toMatchObject([{ id: "i-1" }]);
  await expect(client.add({ "aws:x": "y" }, never)).rejects.toMatchObject({
    code: "tags-impossible",
    transient: false,
  });
  world.tags.stale = { asOf: at, why: "nobody answers" };
  expect((await client.list(never)).stale).toEqual(world.tags.stale);
  world.tags.trouble = new MusterError({ code: "aws-unreachable", message: "gone", hint: "wait", transient: true });
  await expect(client.list(never)).rejects.toMatchObject({ code: "aws-unreachable", message: "gone", transient: true });
});

test.each([
  ["add", (client: TagStore) => client.add({ other: "x", "muster:role": "db" }, never)],
  ["remove", (client: TagStore) => client.remove([{ key: "other" }, { key: "muster:role" }], never)],
  ["add by the names it makes", (client: TagStore) => client.add({ host: "db1" }, never)],
  ["remove from the names it makes", (client: TagStore) => client.remove([{ key: "host" }], never)],
] as const)("what steers muster is not the group's to %s", async (_what, change) => {
  await serve({});
  await expect(change(createTagsClient(world.groupSocket))).rejects.toMatchObject({ code: "tag-for-root" });
  expect(world.tags.calls).toEqual([]);
});

test.each(["path", "groupSocket"] as const)(
  "on %s a change that names no tag is refused by the door",
  async (socket) => {
    await serve({});
    const guarded = guardTags(world.tags, { prefix: "muster:", trust: [] });
    const bodies = [
      ["/v1/tags/remove", { tags: [] }],
      ["/v1/tags/remove", { tags: [{ key: "" }] }],
      ["/v1/tags/add", { tags: {} }],
      ["/v1/tags/find", { tags: [] }],
    ] as const;
    for (const [route, body] of bodies) {
      await expect(call(world[socket], "POST", route, body), route).rejects.toMatchObject({ code: "control-refused" });
    }
    await expect(guarded.remove([], never)).rejects.toMatchObject({ code: "tags-impossible" });
    await expect(guarded.add({}, never)).rejects.toMatchObject({ code: "tags-impossible" });
    expect(world.tags.calls).toEqual([]);
  },
);

test("root writes muster's own tags too", async () => {
  await serve({});
  const client = createTagsClient(world.path);
  await client.add({ "muster:role": "db" }, never);
  await client.remove([{ key: "Name" }], never);
  expect(await client.list(never)).toEqual({ tags: { "muster:role": "db" } });
});

test("a client that does not want to wait for the tags any more is gone at once", async () => {
  const left = Promise.withResolvers<void>();
  world.tags.list = async (signal) => {
    signal.addEventListener("abort", () => left.resolve(), { once: true });
    return new Promise(() => undefined);
  };
  await serve({});
  const impatient = new AbortController();
  const listed = createTagsClient(world.groupSocket).list(impatient.signal);
  setTimeout(() => impatient.abort(new Error("enough")), 50);
  await expect(listed).rejects.toThrow("enough");
  await left.promise;
});
