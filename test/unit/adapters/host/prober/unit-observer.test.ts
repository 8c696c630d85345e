import { expect, test } from "vitest";
import { createUnitObserver } from "../../../../../src/adapters/host/prober/unit-observer.ts";

const { signal } = new AbortController();

/** A systemd in which every unit of these is active, and the names of the others are refused. */
function createSystemd(units: readonly string[]) {
  const asked: { units: readonly string[]; timeoutMs: number }[] = [];
  return {
    asked,
    show: async (names: readonly string[], timeoutMs: number) => {
      asked.push({ units: names, timeoutMs });
      const bad = names.find((name) => !units.includes(name));
      if (bad !== undefined)
        return { outcome: "exited", code: 1, stdout: "", stderr: `Unit name ${bad} is not valid.` };
      const parts = names.map((name) => `LoadState=loaded\nActiveState=active\nSubState=of ${name}\nResult=success\n`);
      return { outcome: "exited", code: 0, stdout: parts.join("\n"), stderr: "" };
    },
  };
}

const many = Array.from({ length: 200 }, (_, index) => `app@${index}.service`);

test("two hundred units are one question, each gets its own answer", async () => {
  const systemd = createSystemd(many);
  const look = createUnitObserver(systemd.show);
  const seen = await Promise.all(
    [...many, "app@7.service"].map((unit, at) => look(unit, at === 3 ? 9000 : 5000, signal)),
  );
  expect(systemd.asked).toEqual([{ units: many, timeoutMs: 9000 }]);
  expect(seen[199]).toEqual({ ok: true, seen: "active (of app@199.service)" });
  expect(seen[200]).toEqual({ ok: true, seen: "active (of app@7.service)" });
  await look("app@1.service", 5000, signal);
  expect(systemd.asked).toHaveLength(2);
});

test("a round after equal pauses is one question too", async () => {
  const systemd = createSystemd(many);
  const look = createUnitObserver(systemd.show);
  await Promise.all(
    many.map(async (unit) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await look(unit, 5000, signal);
    }),
  );
  expect(systemd.asked.length).toBeLessThan(20);
});

test("a name that systemd refuses costs the others nothing", async () => {
  const systemd = createSystemd(["a.service", "b.service"]);
  const look = createUnitObserver(systemd.show);
  const seen = await Promise.all(["a.service", "bad name", "b.service"].map((unit) => look(unit, 5000, signal)));
  expect(seen.map(({ ok }) => ok)).toEqual([true, false, true]);
  expect(seen[1]).toEqual({ ok: false, seen: "no answer of systemd: Unit name bad name is not valid." });
});

test("a long list is divided", async () => {
  const units = Array.from({ length: 1200 }, (_, index) => `u${index}.service`);
  const systemd = createSystemd(units);
  const look = createUnitObserver(systemd.show);
  const seen = await Promise.all(units.map((unit) => look(unit, 5000, signal)));
  expect(seen.every(({ ok }) => ok)).toBe(true);
  expect(systemd.asked.map((each) => each.units.length)).toEqual([500, 500, 200]);
});

test("the command ends when no check waits for it any more, and not before", async () => {
  let stopped: AbortSignal | undefined;
  const look = createUnitObserver(async (_units, _timeoutMs, stop) => {
    stopped = stop;
    await new Promise((resolve) => stop.addEventListener("abort", resolve));
    return { outcome: "killed", stdout: "", stderr: "" };
  });
  const [one, other] = [new AbortController(), new AbortController()];
  const looks = [look("a.service", 5000, one.signal), look("b.service", 5000, other.signal)];
  const ended = Promise.allSettled(looks);
  await new Promise((resolve) => setImmediate(resolve));
  one.abort(new Error("late"));
  await expect(looks[0]).rejects.toThrow("late");
  expect(stopped?.aborted).toBe(false);
  other.abort(new Error("late"));
  await ended;
  expect(stopped?.aborted).toBe(true);
});
