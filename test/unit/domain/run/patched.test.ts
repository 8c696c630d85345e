import { expect, it } from "vitest";
import { latestPatch, patchedTag, type Patched } from "../../../../src/domain/run/patched.ts";

const former: Patched = { at: "2026-11-21T08:00:00.123Z", upgraded: 3, pending: 1 };

it.each<[string, Partial<Patched>, boolean]>([
  ["one soon after that finds nothing new", { at: "2026-11-21T08:30:00.000Z" }, false],
  ["one that changes packages", { at: "2026-11-21T08:30:00.000Z", upgraded: 1 }, true],
  ["one that finds more left", { at: "2026-11-21T08:30:00.000Z", pending: 2 }, true],
  ["one after half a day", { at: "2026-11-21T20:00:00.123Z" }, true],
  ["one after the clock was put back by years", { at: "2016-11-21T08:30:00.000Z" }, true],
])("%s is told anew: %s", (_, later, news) => {
  const next = { at: former.at, upgraded: 0, pending: 1, ...later };
  expect(latestPatch(former, next)).toEqual(news ? next : former);
});

it("the first is told", () => {
  expect(latestPatch(undefined, former)).toEqual(former);
});

it("reads as a tag", () => {
  expect(patchedTag(former)).toBe("2026-11-21T08:00:00Z upgraded=3 pending=1");
  const trouble = [
    { code: "package-fetch-failed", source: "a stable" },
    { code: "package-fetch-failed", source: "b stable" },
    { code: "package-source-untrusted", source: "c stable" },
  ];
  expect(patchedTag(former, trouble)).toBe(
    "2026-11-21T08:00:00Z upgraded=3 pending=1 failed=package-fetch-failed,package-source-untrusted",
  );
  expect(patchedTag(undefined, [{ code: "package-sources-invalid" }])).toBe("never failed=package-sources-invalid");
  expect(patchedTag(undefined)).toBe(undefined);
});
