import { expect, test } from "vitest";
import type { ErrorCode } from "../../../src/domain/errors/error-codes.ts";
import { catalogue, createWorld, never, story, trouble, type Process } from "./world.ts";

test("a first boot: every stage in order, then in service", async () => {
  const world = await createWorld();
  const muster = await world.start();
  expect(await muster.executor.start(never)).toEqual({ kind: "in-service", changed: true });
  const told = story(muster.events).filter((line) => line !== "index unchanged");
  expect(told).toEqual([
    "state starting",
    "clock unchanged",
    "identity unchanged",
    "config changed",
    "preflight unchanged",
    "patch unchanged",
    "converge changed",
    "health unchanged",
    "register changed",
    "dns changed",
    "tags changed",
    "end in-service",
    "state in-service",
  ]);
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
  expect(world.dns.records()).toEqual(["i-1.example.internal 30 A 10.0.0.1"]);
  expect(world.tags.current()).toMatchObject({ "muster:state": "in-service", "muster:run": "0001-8000" });
  expect(world.engine.facts).toMatchObject([{ role: "web", environment: "dev", instance: { id: "i-1" } }]);
  expect(world.engine.runs).toMatchObject([{ unit: "converge-1", step: { manifest: "site.pp" } }]);
  expect(muster.status.current()).toMatchObject({
    state: "in-service",
    role: "web",
    run: { finished: true, end: "in-service" },
    selection: { role: { value: "web", from: "tag muster:role" }, ref: { from: "default" } },
    config: { ref: "main", refKind: "branch", subject: "first", fetched: true },
  });
  expect(muster.status.current().config).not.toHaveProperty("before");
  expect(world.clock.sleepers()).toBe(0);
});

function saidOfEdits({ status }: Process): readonly string[] {
  return status.current().notices.flatMap(({ code, text }) => (code === "settings-not-in-force" ? [text] : []));
}

test("a run says that the settings on disk are not the ones that it uses", async () => {
  const world = await createWorld();
  world.edits = async () => [{ path: "config.url", inForce: "https://git/old.git", onDisk: "https://git/new.git" }];
  const muster = await world.start();
  await muster.executor.start(never);
  expect(saidOfEdits(muster)).toEqual(["The settings were edited, and this run does not use that yet: config.url"]);

  world.edits = () => Promise.reject(trouble("settings-invalid"));
  const next = await world.start();
  expect(await next.run()).toMatchObject({ kind: "in-service" });
  expect(saidOfEdits(next)).toEqual([expect.stringContaining("this run uses those before")]);
});

/** How a world is spoiled so that a run is held at a stage, and the code of the error. */
const spoiled: readonly (readonly [string, ErrorCode, (world: Awaited<ReturnType<typeof createWorld>>) => unknown])[] =
  [
    ["identity", "imds-unreachable", (world) => (world.identity = () => raise("imds-unreachable"))],
    ["config", "config-access-denied", (world) => world.repo.failFetchForEver(trouble("config-access-denied"))],
    ["config", "catalogue-invalid", (world) => world.repo.remote.commitFiles({ "muster.yaml": "roles: 3" }, "broken")],
    ["patch", "package-script-failed", patchFails],
    ["converge", "converge-failed", (world) => (world.engine.during = async () => raise("converge-failed"))],
    ["health", "health-failed", (world) => (world.healthy = false)],
    ["register", "balancer-not-healthy", (world) => (world.balancer.passes = () => false)],
  ];

function raise(code: ErrorCode): never {
  throw trouble(code);
}

function patchFails(world: Awaited<ReturnType<typeof createWorld>>): void {
  const upgrade = { name: "openssl", from: "1", to: "2", security: true };
  world.packages.state = { ...world.packages.state, upgrades: [upgrade] };
  world.packages.during = async () => raise("package-script-failed");
}

test.each(spoiled)("held at %s (%s): out of service, the reason on record", async (stage, code, spoil) => {
  const world = await createWorld();
  await spoil(world);
  const muster = await world.start();
  const end = await muster.executor.start(never);
  expect(end).toMatchObject({ kind: "held", stage, error: { code } });
  expect(story(muster.events).slice(-2)).toEqual(["end held", "state held"]);
  expect(story(muster.events)).toContain(`${stage} failed`);
  expect(world.balancer.members()).toEqual([]);
  expect(world.dns.records()).toEqual([]);
  expect(muster.status.current()).toMatchObject({ state: "held", error: { code } });
  // Before it is known who this is nothing is claimed in its name.
  expect(world.tags.current()["muster:state"]).toBe(stage === "identity" ? undefined : "held");
  expect(muster.membership.status().wish?.want).toBe(stage === "identity" ? undefined : "out");
  expect(world.clock.sleepers()).toBe(0);
});

test.each([
  ["identity", "tag-malformed", { "muster:role": "web", "muster:ref": "v1.4 " }],
  ["config", "tag-untrusted", { "muster:role": "web", host: "mail" }],
] as const)("held at %s (%s): nothing takes the place of what a tag should have said", async (stage, code, tags) => {
  const world = await createWorld();
  const dns = [{ zone: "example.internal", name: "{tag.host}", type: "A" }];
  if (stage === "config") await world.repo.remote.commitFiles(catalogue({ dns }), "names by host");
  const { identity } = world;
  world.identity = () => ({ ...identity(), tags });
  const muster = await world.start();
  expect(await muster.executor.start(never)).toMatchObject({ kind: "held", stage, error: { code } });
  expect(muster.status.current()).toMatchObject({ state: "held", error: { code } });
  expect(world.dns.records()).toEqual([]);
  expect(story(muster.events).filter((line) => line.startsWith("patch"))).toEqual([]);
});

test("what comes after a stage that failed is not begun", async () => {
  const world = await createWorld();
  patchFails(world);
  const muster = await world.start();
  await muster.executor.start(never);
  expect(world.engine.runs).toEqual([]);
  expect(world.balancer.calls).toEqual([]);
});

test("a held run that is made again goes into service as soon as the reason is gone", async () => {
  const world = await createWorld();
  world.healthy = false;
  const muster = await world.start();
  await muster.executor.start(never);
  world.healthy = true;
  expect(await muster.run()).toEqual({ kind: "in-service", changed: true });
  expect(world.tags.current()).toMatchObject({ "muster:state": "in-service", "muster:reason": "every gate passed" });
});

test.each(["patch", "converge", "health"])(
  "a failure of %s leaves an instance that serves in service",
  async (stage) => {
    const world = await createWorld();
    const muster = await world.start();
    await muster.executor.start(never);
    const spoil = spoiled.find(([name]) => name === stage)?.[2];
    await spoil?.(world);
    expect(await muster.run()).toMatchObject({ kind: "failed", stage });
    expect(muster.status.current().state).toBe("in-service");
    expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
    expect(world.tags.current()["muster:state"]).toBe("in-service");
  },
);

test("a run tells which commit was applied before it", async () => {
  const world = await createWorld();
  const muster = await world.start();
  await muster.run();
  const first = muster.status.current().commit;
  await world.repo.remote.commitFiles(catalogue(), "second");
  await muster.run();
  expect(muster.status.current().config).toMatchObject({ subject: "second", before: first });
});

test("a second run changes nothing, writes no tag and says so", async () => {
  const world = await createWorld();
  const muster = await world.start();
  await muster.executor.start(never);
  world.engine.result = { ...world.engine.result, changed: false };
  const writes = world.tags.writes.length;
  expect(await muster.run()).toEqual({ kind: "in-service", changed: false });
  expect(world.tags.writes).toHaveLength(writes);
  expect(story(muster.events).filter((line) => line.startsWith("state"))).toEqual([
    "state starting",
    "state in-service",
    "state in-service",
  ]);
});

test("a part of a run makes only the stages that were asked for and the ones that those need", async () => {
  const world = await createWorld();
  const muster = await world.start();
  expect(await muster.run({ stages: ["patch"] })).toEqual({ kind: "done", changed: true });
  const made = story(muster.events)
    .filter((line) => !line.endsWith(" skipped"))
    .toSorted();
  expect(made).toEqual([
    "clock unchanged",
    "config changed",
    "end done",
    "identity unchanged",
    "index unchanged",
    "patch unchanged",
  ]);
  expect(world.engine.runs).toEqual([]);
  expect(muster.status.current().state).toBe("new");
});

test("a part of a run that fails decides nothing about membership", async () => {
  const world = await createWorld();
  const muster = await world.start();
  await muster.executor.start(never);
  patchFails(world);
  expect(await muster.run({ stages: ["patch"] })).toMatchObject({ kind: "failed", stage: "patch" });
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
});

test.each(["register", "dns", "tags"] as const)(
  "nobody gets past the health gate by asking for %s alone",
  async (stage) => {
    const world = await createWorld();
    world.healthy = false;
    const muster = await world.start();
    expect(await muster.run({ stages: [stage] })).toMatchObject({ kind: "held", stage: "health" });
    expect(world.balancer.calls).toEqual([]);
    expect(world.dns.calls).toEqual([]);
  },
);

test("a reboot that is required is told, and not forgotten by a run that did not patch", async () => {
  const world = await createWorld();
  world.packages.reboot = { required: true, reasons: ["a new kernel"] };
  const muster = await world.start();
  await muster.executor.start(never);
  await muster.run({ stages: ["health"] });
  expect(muster.status.current().rebootRequired).toEqual({ required: true, reasons: ["a new kernel"] });
});

test("a tag that may not steer is said and steers nothing", async () => {
  const world = await createWorld();
  const { identity } = world;
  world.identity = () => ({ ...identity(), tags: { ...identity().tags, "muster:url": "https://evil/" } });
  const muster = await world.start();
  expect(await muster.executor.start(never)).toMatchObject({ kind: "in-service" });
  expect(muster.status.current().notices).toMatchObject([{ code: "tag-refused" }]);
});

test("held with the balancer gone: said, and not for ever", async () => {
  const world = await createWorld();
  const muster = await world.start();
  await muster.executor.start(never);
  world.bootId = "boot-2";
  world.healthy = false;
  world.balancer.trouble = trouble("balancer-unreachable", true);
  const after = await world.start();
  expect(await after.executor.start(never)).toMatchObject({ kind: "held", stage: "health" });
  expect(story(after.events)).toContain("notice balancer-unreachable");
  expect(world.clock.sleepers()).toBe(0);
});

test("a role of another name for a trial, on this host", async () => {
  const world = await createWorld();
  await world.repo.remote.commitFiles(catalogue({ register: [], dns: [] }), "second");
  const muster = await world.start();
  await muster.run({ role: "other" });
  expect(muster.status.current().role).toBe("other");
  await muster.run();
  expect(muster.status.current().role).toBe("web");
  expect(world.balancer.members()).toEqual([]);
});

test("an instance without an address is held at preflight, before anything is converged", async () => {
  const world = await createWorld();
  const { instance, tags } = world.identity();
  world.identity = () => ({ instance: { ...instance, addresses: { ipv4: [], ipv6: [] } }, tags });
  const muster = await world.start();
  const end = await muster.executor.start(never);
  expect(end).toMatchObject({
    kind: "held",
    stage: "preflight",
    error: { code: "preflight-failed", subjects: ["instance-no-address"] },
  });
  expect(world.engine.runs).toEqual([]);
});
