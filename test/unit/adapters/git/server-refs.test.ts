import * as fc from "fast-check";
import { expect, test } from "vitest";
import { chooseRefs, meantRefs, serverRefsIn, type ServerRef } from "../../../../src/adapters/git/server-refs.ts";
import { allowsRef, refAtPath, refPath } from "../../../../src/domain/role/ref-kind.ts";

const runs = { numRuns: Number(process.env["FUZZ_RUNS"] ?? 300) };
const object = "1".repeat(40);
const branch = (name: string): ServerRef => ({ kind: "branch", name, object });
const tag = (name: string): ServerRef => ({ kind: "tag", name, object });

const kind = fc.constantFrom("branch" as const, "tag" as const);
const part = fc.stringMatching(/^[a-z0-9._-]{1,6}$/);
const name = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const ref = fc.record({ kind, name, object: fc.stringMatching(/^[0-9a-f]{40}$/) });
const refs = fc.uniqueArray(ref, { selector: (each) => refPath(each.kind, each.name), maxLength: 40 });

test("lines of a server are branches and tags with whole ids, or nothing", () => {
  expect(serverRefsIn(`${object}\trefs/heads/a\n${object}\trefs/tags/b/c\n`)).toEqual([branch("a"), tag("b/c")]);
  const others = [
    `${object}\tHEAD`,
    `${object}\trefs/pull/1/head`,
    `${object.slice(1)}\trefs/heads/a`,
    "",
    "warning: x",
  ];
  expect(serverRefsIn(others.join("\n"))).toEqual([]);
});

test("whatever a server prints, nothing comes of it but what is in a line of its own", () => {
  const line = fc.oneof(
    fc.string(),
    fc.tuple(fc.stringMatching(/^[0-9a-f]{39,41}$/), fc.string()).map((both) => both.join("\trefs/heads/")),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const printed = lines.join("\n");
      for (const found of serverRefsIn(printed)) {
        expect(printed.split("\n")).toContain(`${found.object}\t${refPath(found.kind, found.name)}`);
        expect(found.object).toMatch(/^[0-9a-f]{40}$/);
      }
    }),
    runs,
  );
});

test("a list that is printed is read as it was", () => {
  fc.assert(
    fc.property(refs, (list) => {
      expect(serverRefsIn(list.map((each) => `${each.object}\t${refPath(each.kind, each.name)}\n`).join(""))).toEqual(
        list,
      );
    }),
    runs,
  );
});

test("of too many refs as many as the limit are taken: what is named first, then what the mirror has", () => {
  const allowed = [
    ...Array.from({ length: 20 }, (_, index) => branch(`a${index}`)),
    tag("v1"),
    branch("main"),
    tag("main"),
  ];
  const wishes = { globs: ["main", "**"], wanted: "v1", present: new Set(["refs/heads/a19", "refs/heads/gone"]) };
  const { refs: chosen, leftOut } = chooseRefs(allowed, { ...wishes, limit: 4 });
  expect(chosen).toEqual([branch("main"), tag("v1"), branch("a19"), branch("a0")]);
  expect(leftOut).toBe(19);
  expect(chooseRefs(allowed, { ...wishes, limit: 23 })).toEqual({ refs: allowed, leftOut: 0 });
});

test("the choice is among what is allowed, never over the limit, and has what is wanted", () => {
  const wanted = fc.option(name, { nil: undefined });
  fc.assert(
    fc.property(refs, refs, wanted, fc.nat(10), (allowed, had, wish, more) => {
      const limit = 1 + more;
      const present = new Set(had.map((each) => refPath(each.kind, each.name)));
      const { refs: chosen, leftOut } = chooseRefs(allowed, { globs: ["**"], wanted: wish, present, limit });
      expect(chosen.length + leftOut).toBe(allowed.length);
      expect(chosen.length).toBeLessThanOrEqual(limit);
      for (const each of chosen) expect(allowed).toContain(each);
      for (const each of meantRefs(allowed, [wish])) expect(chosen).toContain(each);
    }),
    runs,
  );
});

test("a name means one ref, a branch before a tag; a glob or a commit id means none here", () => {
  const both = [tag("main"), branch("main"), tag("v1")];
  expect(meantRefs(both, ["main", "tags/main", "v1", "*", object, undefined])).toEqual([
    branch("main"),
    tag("main"),
    tag("v1"),
  ]);
});

test("a kind that the settings say is kept to, and paths say the kind", () => {
  fc.assert(
    fc.property(ref, (each) => {
      expect(refAtPath(refPath(each.kind, each.name))).toEqual({ kind: each.kind, name: each.name });
      expect(allowsRef(["heads/**"], each)).toBe(each.kind === "branch");
      expect(allowsRef(["tags/**"], each)).toBe(each.kind === "tag");
      expect(allowsRef(["**"], each)).toBe(true);
    }),
    runs,
  );
});
