import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Check, CheckResult } from "../../../../src/domain/health/check.ts";
import type { HealthPolicy } from "../../../../src/domain/role/role.ts";
import { healthResultSchema } from "../../../../src/stages/health/result.ts";
import { healthStage, planHealth } from "../../../../src/stages/health/stage.ts";
import { createFakeProber, type FakeAttempt } from "../../../fakes/prober.ts";
import { recordingContext } from "../../../fakes/stage-context.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** Virtual time that several can sleep in at once. */
const clock = {
  monotonicMs: () => Date.now(),
  sleep(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    return promise.finally(() => clearTimeout(timer));
  },
};

function check(name: string, over: Partial<Check["pacing"]> = {}): Check {
  const pacing = { intervalMs: 1000, timeoutMs: 500, rise: 1, fall: 3, ...over };
  return { name, target: { kind: "unit", unit: name }, pacing };
}

function policy(over: Partial<HealthPolicy>): HealthPolicy {
  return { system: [], service: [], smoke: [], deadlineMs: 60_000, everyMs: 1, fall: 1, rise: 1, ...over };
}

const good: CheckResult = { ok: true, seen: "active (running)" };
const bad: CheckResult = { ok: false, expected: "active", seen: "inactive (dead)" };

/** By the name of a check, what its n-th attempt finds. */
function prober(find: Readonly<Record<string, (attempt: number) => FakeAttempt>>) {
  return createFakeProber((target, attempt) => {
    const found = target.kind === "unit" ? find[target.unit] : undefined;
    if (found === undefined) throw new Error(`not stubbed: ${JSON.stringify(target)}`);
    return found(attempt);
  });
}

test("all checks pass at once: one attempt each, no wait", async () => {
  const role = policy({ system: [check("a")], service: [check("b")], smoke: [check("c")] });
  const context = recordingContext("health");
  const begun = Date.now();
  const done = await healthStage(
    role,
    { clock, prober: prober({ a: () => good, b: () => good, c: () => good }) },
    context,
  );
  expect(Date.now()).toBe(begun);
  expect(done).toMatchObject({
    outcome: "unchanged",
    summary: "all 3 checks passed",
    facts: { checks: 3, attempts: 3 },
  });
  expect(done.value.checks.map(({ tier, name }) => `${tier} ${name}`)).toEqual(["system a", "service b", "smoke c"]);
  expect(healthResultSchema.parse(done.value)).toEqual(done.value);
  expect(context.said).toEqual(["3 checks: a, b, c"]);
});

test("a check that passes late opens the gate; the wait is told once for each thing that is seen", async () => {
  const role = policy({ service: [check("a"), check("b")] });
  const context = recordingContext("health");
  const stage = healthStage(
    role,
    { clock, prober: prober({ a: () => good, b: (attempt) => (attempt <= 10 ? bad : good) }) },
    context,
  );
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await stage).toMatchObject({ facts: { seconds: 10 } });
  expect(context.said.slice(1)).toEqual([
    "waiting: 1 of 2 checks not passing: b: expected active, saw inactive (dead)",
  ]);
});

test("the gate opens only while all are healthy together", async () => {
  const role = policy({ service: [check("a", { fall: 1 }), check("b")] });
  // a passes at once and breaks before b comes up.
  const find = prober({
    a: (attempt) => (attempt === 1 || attempt > 8 ? good : bad),
    b: (attempt) => (attempt > 4 ? good : bad),
  });
  const stage = healthStage(role, { clock, prober: find }, recordingContext("health"));
  await vi.advanceTimersByTimeAsync(8_000);
  expect((await stage).facts["seconds"]).toBe(8);
});

test("rise counts passes in a row", async () => {
  const context = recordingContext("health");
  const stage = healthStage(
    policy({ service: [check("a", { rise: 3 })] }),
    { clock, prober: prober({ a: (attempt) => (attempt === 2 ? bad : good) }) },
    context,
  );
  await vi.advanceTimersByTimeAsync(4_000);
  expect(await stage).toMatchObject({ summary: "the one check passed", facts: { attempts: 5, seconds: 4 } });
  expect(context.said).toContain("waiting: 1 of 1 checks have to pass again: a (1 of 3 times)");
});

test("at the deadline every check that does not pass is named, with what was expected and seen since when", async () => {
  const role = policy({ system: [check("a")], service: [check("b")], smoke: [check("c"), check("d", { rise: 100 })] });
  const find = { a: () => good, b: () => bad, c: (): FakeAttempt => "hangs", d: () => good };
  const stage = healthStage(role, { clock, prober: prober(find) }, recordingContext("health"));
  const failed = expect(stage).rejects.toMatchObject({
    code: "health-failed",
    message:
      "3 of 4 health checks did not pass within 1 min: " +
      "service check b: expected active, saw inactive (dead) (60 attempts, failing for 1 min); " +
      "smoke check c: expected an answer, saw no answer (40 attempts, failing for 1 min); " +
      "smoke check d: passed 60 of 100 times in a row (60 attempts)",
  });
  await vi.advanceTimersByTimeAsync(60_000);
  await failed;
});

test("what the program behind a failing check last logged stands in the reason; three logs are read", async () => {
  const role = policy({ service: ["a", "b", "c", "d", "e"].map((name) => check(name)), deadlineMs: 5_000 });
  const read: string[] = [];
  const find = createFakeProber(
    (target) => (target.kind === "unit" && target.unit === "a" ? good : bad),
    (target) => {
      if (target.kind === "unit") read.push(target.unit);
      return target.kind === "unit" && target.unit === "b" ? "bind() to 0.0.0.0:80 failed" : undefined;
    },
  );
  const stage = healthStage(role, { clock, prober: find }, recordingContext("health"));
  const failed = stage.catch((error: unknown) => String(error));
  await vi.advanceTimersByTimeAsync(5_000);
  const message = await failed;
  expect(message).toContain("failing for 5.0 s; its log: bind() to 0.0.0.0:80 failed)");
  expect(message).toContain("service check c: expected active, saw inactive (dead) (5 attempts, failing for 5.0 s);");
  expect(read).toEqual(["b", "c", "d"]);
});

test("an attempt that hangs does not hold up the others or the deadline", async () => {
  const role = policy({ service: [check("a", { timeoutMs: 3_600_000 })], deadlineMs: 5_000 });
  const stage = healthStage(role, { clock, prober: prober({ a: () => "hangs" }) }, recordingContext("health"));
  const failed = expect(stage).rejects.toThrow(
    "1 of 1 health checks did not pass within 5.0 s: service check a: no attempt has ended (0 attempts)",
  );
  await vi.advanceTimersByTimeAsync(5_000);
  await failed;
});

test("an abort ends it with its own reason", async () => {
  const abort = new AbortController();
  const context = recordingContext("health", abort.signal);
  const stage = healthStage(policy({ smoke: [check("a")] }), { clock, prober: prober({ a: () => bad }) }, context);
  const ended = expect(stage).rejects.toThrow("stopping");
  await vi.advanceTimersByTimeAsync(2_500);
  abort.abort(new Error("stopping"));
  await ended;
});

test("a role without checks is skipped; a dry run lists them", async () => {
  const none = await healthStage(policy({}), { clock, prober: prober({}) }, recordingContext("health"));
  expect(none.outcome).toBe("skipped");
  expect(planHealth(policy({ smoke: [check("c")], system: [check("a")] }))).toEqual([
    { text: "check system: a" },
    { text: "check smoke: c" },
  ]);
});
