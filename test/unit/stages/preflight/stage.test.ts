import { expect, test } from "vitest";
import type { ErrorCode } from "../../../../src/domain/errors/error-codes.ts";
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import type { DnsRecord, Target } from "../../../../src/domain/membership/membership.ts";
import type { StageContext } from "../../../../src/ports/stage-context.ts";
import { probeNames, type ProbeName } from "../../../../src/ports/probe.ts";
import type { Subject } from "../../../../src/stages/preflight/probes.ts";
import { preflightStage } from "../../../../src/stages/preflight/stage.ts";
import { createVirtualClock } from "../../../fakes/virtual-clock.ts";

const target: Target = {
  ...{ group: "web", instance: "i-1", member: "i-1-80", address: "10.0.0.1", port: 80, deadlineMs: 1, drainMs: 1 },
};
const record: DnsRecord = {
  zone: "example.internal",
  name: "a.example.internal",
  type: "A",
  ttl: 30,
  value: "10.0.0.1",
};

const { signal: never } = new AbortController();

type Looked = (probe: ProbeName, signal: AbortSignal) => Promise<void>;

function subject(looked: Looked, targets: readonly Target[] = [target]): Subject {
  return {
    role: "web",
    steps: [{ engine: "puppet", manifest: "site.pp" } as Subject["steps"][number]],
    endpoints: () => ({ targets, records: [record] }),
    files: [["config.ssh.key", "/etc/muster/key"]],
    reliesOnHook: true,
    ask: {
      key: (_setting, _path, isSecret, signal) => (isSecret ? looked("files", signal) : Promise.resolve()),
      room: (path, _least, signal) => (path === "/var/cache" ? looked("disk", signal) : Promise.resolve()),
      hook: (signal) => looked("hook", signal),
      step: (_, signal) => looked("engine", signal),
      group: (_, signal) => looked("balancer", signal),
      zone: (_, signal) => looked("zone", signal),
      tags: (signal) => looked("tags", signal),
    },
  };
}

function nothing(): void {
  // Neither progress nor output is looked at.
}

function contextFor(warned: string[], signal: AbortSignal = never): StageContext {
  return {
    ...{ run: "0001", stage: "preflight", signal, progress: nothing, waiting: nothing, output: nothing },
    warn: (code) => void warned.push(code),
  };
}

function trouble(code: ErrorCode, transient = false): MusterError {
  return new MusterError({ code, message: `there is ${code}`, hint: "Do something.", transient });
}

type Run = { readonly warned: string[]; readonly work: ReturnType<typeof preflightStage> };

function preflight(given: Subject, joins = true, signal?: AbortSignal, clock = createVirtualClock()): Run {
  const warned: string[] = [];
  return { warned, work: preflightStage({ subject: given, joins }, clock, contextFor(warned, signal)) };
}

/** Every look of these probes throws. */
function troubled(by: Partial<Record<ProbeName, Error>>, targets?: readonly Target[]): Subject {
  return subject(async (probe) => {
    if (by[probe] !== undefined) throw by[probe];
  }, targets);
}

test("nothing wrong: no problem, no warning, nothing holds", async () => {
  const { warned, work } = preflight(troubled({}));
  expect(await work).toMatchObject({ value: { problems: [] }, summary: "no problem in 9 looks" });
  expect(warned).toEqual([]);
});

const asked = probeNames.filter((name) => name !== "address");

test.each(asked)("%s: a refusal is a problem, an outage and a bug are unknown", async (probe) => {
  const refused = preflight(troubled({ [probe]: trouble("aws-refused") }), false);
  expect(await refused.work).toMatchObject({ value: { problems: [{ probe, code: "aws-refused" }] } });
  expect(refused.warned).toEqual(["aws-refused"]);
  const outages = (["aws-throttled", "aws-timeout", "aws-unreachable", "dns-unreachable"] as const).map((code) =>
    trouble(code, true),
  );
  for (const error of [...outages, new TypeError("a bug")]) {
    const { work, warned } = preflight(troubled({ [probe]: error }));
    expect(await work).toMatchObject({ value: { problems: [] }, facts: { unknown: 1 } });
    expect(warned).toEqual([]);
  }
});

function noAddress(): never {
  throw trouble("instance-no-address");
}

test("an instance without the address of a record does not join", async () => {
  const { work } = preflight({ ...troubled({}), endpoints: noAddress });
  await expect(work).rejects.toMatchObject({ code: "preflight-failed", subjects: ["instance-no-address"] });
});

test("one error lists every problem with its place, its code and what to do, and no notice repeats it", async () => {
  const { work, warned } = preflight(
    troubled({
      engine: trouble("engine-missing"),
      zone: trouble("dns-zone-missing"),
      tags: trouble("tags-impossible"),
    }),
  );
  await expect(work).rejects.toThrow(
    "The instance cannot go into service. " +
      "1. converge step 1 (puppet): there is engine-missing (engine-missing): Do something. " +
      "2. zone example.internal: there is dns-zone-missing (dns-zone-missing): Do something. " +
      "3. state tags: there is tags-impossible (tags-impossible): Do something.",
  );
  expect(warned).toEqual([]);
});

test.each([
  ["zone", "dns-zone-ambiguous", false],
  ["tags", "tags-impossible", false],
  ["hook", "launch-hook-missing", false],
  ["files", "key-file-unusable", false],
  ["disk", "disk-low", false],
  ["balancer", "balancer-group-missing", true],
  ["balancer", "aws-access-denied", true],
] as const)("%s with %s warns and does not hold where a balancer sends users", async (probe, code, transient) => {
  const { work, warned } = preflight(troubled({ [probe]: trouble(code, transient) }));
  expect(await work).toMatchObject({ value: { problems: [{ probe, code }] } });
  expect(warned).toEqual([code]);
});

test("without a balancer the zone decides", async () => {
  const { work } = preflight(troubled({ zone: trouble("dns-zone-ambiguous") }, []));
  await expect(work).rejects.toMatchObject({ subjects: ["dns-zone-ambiguous"] });
});

test.each(["dns-tool-missing", "dns-key-unreadable"] as const)(
  "%s warns alone: the role's own code may bring it",
  async (code) => {
    const { work, warned } = preflight(troubled({ zone: trouble(code) }, []));
    expect(await work).toMatchObject({ value: { problems: [{ probe: "zone", code }] } });
    expect(warned).toEqual([code]);
  },
);

test("hooks of which nothing says whose they are hold the instance", async () => {
  const { work } = preflight(troubled({ hook: trouble("hooks-unclaimed") }));
  await expect(work).rejects.toMatchObject({ subjects: ["hooks-unclaimed"] });
});

test("the journal gets neither message nor hint", async () => {
  const { value } = await preflight(troubled({ engine: trouble("engine-missing") }), false).work;
  expect(value).toEqual({
    problems: [{ probe: "engine", code: "engine-missing", subject: "converge step 1 (puppet)" }],
  });
});

test("a look that never answers is aborted and unknown after five seconds, and a cancel ends it at once", async () => {
  const clock = createVirtualClock();
  const aborted: unknown[] = [];
  const stuck = subject(async (probe, signal) => {
    if (probe !== "zone") return;
    signal.addEventListener("abort", () => aborted.push(probe));
    await new Promise(() => undefined);
  });
  const begun = clock.monotonicMs();
  expect(await preflight(stuck, true, never, clock).work).toMatchObject({
    summary: "no problem in 9 looks, 1 without an answer",
  });
  expect(clock.monotonicMs() - begun).toBe(5_000);
  expect(aborted).toEqual(["zone"]);

  const cancel = new AbortController();
  const { work } = preflight(stuck, true, cancel.signal);
  cancel.abort(new Error("enough"));
  await expect(work).rejects.toThrow("enough");
});
