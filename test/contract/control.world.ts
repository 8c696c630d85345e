// The daemon's side of the control sockets, in a directory of each test's own.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { AuditEntry } from "../../src/adapters/control/audit.ts";
import { createControlClient } from "../../src/adapters/control/client.ts";
import { createControlServer } from "../../src/adapters/control/server.ts";
import { guardTags } from "../../src/daemon/controllers/guarded-tags.ts";
import type { Agent } from "../../src/ports/agent.ts";
import type { Pauses } from "../../src/ports/pauses.ts";
import { createFakeAgent } from "../fakes/agent.ts";
import { createFakeTagStore } from "../fakes/tag-store.ts";

export const at = "2026-01-01T00:00:00.000Z";
export const { signal: never } = new AbortController();
export const metrics = { contentType: "text/plain; version=0.0.4", text: async () => "muster_in_service 1\n" };

/** Of this test: where the sockets are, and the tags that are served. */
export const world = { directory: "", path: "", groupSocket: "", tags: createFakeTagStore() };

/** The settings in force, as every server of a test tells them. */
export const settingsServed = {
  readAt: at,
  values: [{ path: "config.url", value: "https://git/config.git", from: "/etc/muster/muster.yaml:3:8" }],
};

const noPauses: Pauses = {
  begin: () => Promise.reject(new Error("not stubbed")),
  end: () => Promise.reject(new Error("not stubbed")),
};

const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  const directory = await mkdtemp(join(tmpdir(), "muster-control-"));
  const tags = createFakeTagStore("i-1", { Name: "web", "muster:role": "web" });
  Object.assign(world, { directory, path: join(directory, "root.sock"), tags });
  world.groupSocket = join(directory, "control.sock");
});

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await rm(world.directory, { recursive: true, force: true });
});

export type Given = {
  readonly signal?: AbortSignal;
  readonly pauses?: Pauses;
  readonly group?: number;
  readonly address?: { readonly host: string; readonly port: number };
  readonly onFailure?: (text: string) => void;
  readonly onAsked?: (entry: AuditEntry) => void;
};

function noTrouble(text: string): never {
  throw new Error(text);
}

/** Serves until the test is over, or until `close`. */
export async function listen(parts: Partial<Agent>, given: Given = {}) {
  const { signal = never, pauses = noPauses, group, address, onFailure = noTrouble, onAsked } = given;
  const { path: rootSocket, groupSocket, tags } = world;
  const places = { rootSocket, groupSocket, group: async () => group, address };
  const server = createControlServer({ ...places, metrics, onFailure, onAsked });
  const served = {
    agent: createFakeAgent(parts),
    pauses,
    settings: async () => settingsServed,
    tags,
    openTags: guardTags(tags, { prefix: "muster:", trust: ["role", "tag.host"] }),
  };
  const listening = await server.listen(served, signal);
  closing.push(() => listening.close());
  return listening;
}

/** Serves until the test is over; what root sees of it. */
export async function serve(parts: Partial<Agent>, given: Given = {}): Promise<Agent> {
  await listen(parts, given);
  return createControlClient(world.path);
}
