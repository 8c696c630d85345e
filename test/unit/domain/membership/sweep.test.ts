import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Owner } from "../../../../src/domain/membership/membership.ts";
import { judgeDead, mayAskAbout, type Absences, type SweepMoment } from "../../../../src/domain/membership/sweep.ts";

const self: Owner = { account: "111122223333", region: "eu-west-1", instance: "i-0a1b2c3d4e5f60718" };
const other: Owner = { ...self, instance: "i-0ffffffffffffffff" };
const minute = 60_000;

/** A moment so many minutes into a boot that began at noon. */
function at(minutes: number, boot: Partial<SweepMoment> = {}): SweepMoment {
  return { now: new Date(Date.UTC(2026, 0, 1, 12, minutes)), bootId: "boot-1", upMs: minutes * minute, ...boot };
}

test.each([
  ["another account", { account: "999988887777" }],
  ["another region", { region: "us-east-1" }],
  ["itself", { instance: self.instance }],
  ["a pattern", { instance: "i-0*" }],
  ["what is no id", { instance: "web-1" }],
  ["nothing", { instance: "" }],
])("nobody asks about %s", (_what, change) => {
  expect(mayAskAbout({ ...other, ...change }, self)).toBe(false);
});

test("an instance of the same account and region may be asked about", () => {
  expect(mayAskAbout(other, self)).toBe(true);
});

test("terminated is gone at once; there, in whatever state, is not", () => {
  const lives = new Map([["i-1", "terminated"] as const, ["i-2", "there"] as const]);
  expect(judgeDead(["i-1", "i-2"], lives, {}, at(0))).toEqual({ gone: ["i-1"], absences: {} });
});

function absentAt(...moments: readonly SweepMoment[]): readonly boolean[] {
  let absences: Absences = {};
  return moments.map((moment) => {
    const judged = judgeDead(["i-1"], new Map(), absences, moment);
    absences = judged.absences;
    return judged.gone.length > 0;
  });
}

test("absent is gone only in a second answer, at least fifteen minutes later", () => {
  expect(absentAt(at(0), at(1), at(14), at(15))).toEqual([false, false, false, true]);
});

test("who shows up in between was only not known yet, and is counted anew", () => {
  const first = judgeDead(["i-1"], new Map(), {}, at(0));
  const seen = judgeDead(["i-1"], new Map([["i-1", "there"]]), first.absences, at(10));
  expect(seen.absences).toEqual({});
  const again = judgeDead(["i-1"], new Map(), seen.absences, at(20));
  expect(again.gone).toEqual([]);
});

test("a clock that is put forward within a boot kills nobody", () => {
  const forward = at(1, { now: new Date("2026-01-01T14:00:00Z") });
  expect(absentAt(at(0), forward)).toEqual([false, false]);
});

test("over a reboot the time of day counts; one that went back begins anew", () => {
  const next = (minutes: number, boot: number) => at(minutes, { bootId: `boot-${boot}`, upMs: minute });
  expect(absentAt(at(0), next(20, 2))).toEqual([false, true]);
  expect(absentAt(at(0), next(-20, 2), next(-6, 3), next(-5, 4))).toEqual([false, false, false, true]);
});

test("an absence that nobody asks about any more is forgotten after a week, and not before", () => {
  const { absences } = judgeDead(["i-1"], new Map(), {}, at(0));
  expect(Object.keys(judgeDead([], new Map(), absences, at(60)).absences)).toEqual(["i-1"]);
  expect(judgeDead([], new Map(), absences, at(8 * 24 * 60)).absences).toEqual({});
});

test("whoever is there in the last answer is never gone, whatever was noted before", () => {
  const ids = ["i-1", "i-2", "i-3"];
  const answer = fc.record(Object.fromEntries(ids.map((id) => [id, fc.constantFrom("there", "absent")])));
  fc.assert(
    fc.property(fc.array(fc.tuple(answer, fc.integer({ min: -1000, max: 1000 })), { minLength: 1 }), (answers) => {
      let absences: Absences = {};
      for (const [lives, minutes] of answers) {
        const known = new Map(ids.flatMap((id) => (lives[id] === "there" ? [[id, "there"] as const] : [])));
        const judged = judgeDead(ids, known, absences, at(minutes, { bootId: `boot-${minutes % 3}` }));
        for (const id of judged.gone) expect(known.has(id)).toBe(false);
        absences = judged.absences;
      }
    }),
  );
});
