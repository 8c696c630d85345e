import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesRefGlob } from "../../../../src/domain/role/ref-glob.ts";
import { withKind, type RefKind } from "../../../../src/domain/role/ref-kind.ts";
import type { RepoRef } from "../../../../src/ports/config-repo.ts";
import {
  checkTrust,
  kindBefore,
  marksFor,
  planSteps,
  resolveRef,
  roleOf,
  twinOf,
} from "../../../../src/stages/config/plan.ts";
import type { ObservedCommit, ObservedRefs } from "../../../../src/stages/config/observe.ts";
import type { AppliedConfig, RefMark } from "../../../../src/stages/config/result.ts";
import { inputOf, role } from "./config-input.ts";

const one = "1".repeat(40);
const two = "2".repeat(40);
const branch = (name: string, commit = one): RepoRef => ({ kind: "branch", name, commit });
const tag = (name: string, commit = one): RepoRef => ({ kind: "tag", name, commit });

function observed(refs: readonly RepoRef[], commit?: string, containing: readonly RepoRef[] = []): ObservedRefs {
  return { refs, commit, containing };
}

function resolve(value: string, observations: ObservedRefs, allowed: readonly string[] = ["main", "release/*"]) {
  return resolveRef({ value, from: "tag muster:ref" }, observations, allowed);
}

describe("resolveRef", () => {
  const refs = [branch("main"), branch("release/1.0", two), branch("topic"), tag("v1", two)];

  it("takes a branch or tag that fits a glob", () => {
    expect(resolve("main", observed(refs))).toEqual({ commit: one, ref: "main", refKind: "branch" });
    expect(resolve("release/1.0", observed(refs))).toEqual({ commit: two, ref: "release/1.0", refKind: "branch" });
    expect(resolve("v1", observed(refs), ["v?"])).toEqual({ commit: two, ref: "v1", refKind: "tag" });
  });

  it("refuses what fits none, and lists what is allowed", () => {
    const error = thrown(() => resolve("topic", observed(refs)));
    expect(error).toMatchObject({ code: "ref-not-allowed", transient: false });
    expect(error.message).toContain('"topic" (tag muster:ref)');
    expect(error.hint).toContain("main, release/*");
    expect(thrown(() => resolve("main", observed(refs), []))).toMatchObject({ code: "ref-not-allowed" });
  });

  it("says of an allowed ref that is not there what is, nearest first", () => {
    const error = thrown(() => resolve("release/1.1", observed(refs)));
    expect(error).toMatchObject({ code: "ref-unknown" });
    expect(error.hint).toContain("Did you mean release/1.0?");
    expect(error.hint).not.toContain("topic");
  });

  it("takes a commit that an allowed ref contains, and no other", () => {
    const contained = observed(refs, two, [branch("release/1.0", two), branch("topic", two)]);
    expect(resolve(two.slice(0, 7), contained)).toEqual({ commit: two, ref: two.slice(0, 7), refKind: "commit" });
    const elsewhere = observed(refs, two, [branch("topic", two)]);
    expect(thrown(() => resolve(two, elsewhere))).toMatchObject({ code: "ref-not-allowed" });
    expect(thrown(() => resolve(two, observed(refs)))).toMatchObject({ code: "ref-unknown" });
  });

  describe("of a branch and a tag of one name", () => {
    const twins = observed([tag("main", two), branch("main")]);

    it("takes the branch: who may only push tags stops nobody who follows it", () => {
      expect(resolve("main", twins)).toEqual({ commit: one, ref: "main", refKind: "branch" });
      expect(resolve("main", observed([tag("main", two)]))).toMatchObject({ commit: two, refKind: "tag" });
    });

    it("takes the one that the wish or the settings say", () => {
      expect(resolve("tags/main", twins)).toEqual({ commit: two, ref: "main", refKind: "tag" });
      expect(resolve("heads/main", twins)).toMatchObject({ commit: one });
      expect(resolve("main", twins, ["tags/main"])).toMatchObject({ commit: two });
      expect(resolve("main", twins, ["heads/*"])).toMatchObject({ commit: one });
      expect(thrown(() => resolve("tags/main", twins, ["heads/**"]))).toMatchObject({ code: "ref-not-allowed" });
    });

    it("takes the one that the name stood for here: who may push branches takes no tag's place", () => {
      const wanted = { value: "main", from: "settings" };
      expect(resolveRef(wanted, twins, ["main"], "tag")).toMatchObject({ commit: two, refKind: "tag" });
      expect(resolveRef(wanted, observed([branch("main")]), ["main"], "tag")).toMatchObject({ refKind: "branch" });
    });

    it("says that there are two, where the kind was not said and they differ", () => {
      const wanted = { value: "main", from: "settings" };
      const warned = twinOf(wanted, resolve("main", twins), twins);
      expect(warned).toContain("a tag (222222222222) as well as a branch (111111111111)");
      expect(warned).toContain("Write heads/main");
      expect(twinOf({ ...wanted, value: "heads/main" }, resolve("main", twins), twins)).toBeUndefined();
      const same = observed([branch("main"), tag("main")]);
      expect(twinOf(wanted, resolve("main", same), same)).toBeUndefined();
    });
  });

  it("takes forty digits for a commit even where a branch is called so, and refuses fewer digits that mean both", () => {
    const squatter = branch(two, one);
    const main = branch("main", two);
    expect(resolve(two, observed([squatter, main], two, [main]), ["**"])).toMatchObject({ commit: two });
    const short = branch("2222222", one);
    const both = observed([short, main], two, [main]);
    expect(thrown(() => resolve("2222222", both, ["**"]))).toMatchObject({ code: "ref-ambiguous" });
  });

  it("takes a long name for a name", () => {
    const long = `release/${"x".repeat(60)}`;
    expect(resolve(long, observed([branch(long)]))).toMatchObject({ ref: long, refKind: "branch" });
  });

  it.each([
    "refs/heads/main",
    "heads/",
    "tags/",
    "tags/-x/..",
    "-x",
    "--upload-pack=x",
    "a..b",
    "main@{1}",
    "@{-1}",
    "@",
    "HEAD",
    "main^",
    "main~1",
  ])("refuses %s whatever the settings allow", (name) => {
    expect(thrown(() => resolve(name, observed([branch(name)]), ["**"]))).toMatchObject({ code: "ref-not-allowed" });
  });

  it("gives for any wish an allowed ref's commit, a commit contained in one, or an error of three codes", () => {
    const names = ["main", "release/1.0", "topic", "v1", one, two, "1111111"];
    const written = fc
      .tuple(fc.constantFrom("", "heads/", "tags/"), fc.constantFrom(...names))
      .map((parts) => parts.join(""));
    const name = fc.oneof(fc.string(), written);
    const globs = fc.array(
      fc.constantFrom("main", "release/*", "**", "*", "v?", "", "heads/*", "tags/**", "tags/main"),
      {
        maxLength: 3,
      },
    );
    const lists = fc.subarray([...refs, tag("main", two), branch("v1"), tag("topic")]);
    const ids = fc.constantFrom(undefined, one, two);
    fc.assert(
      fc.property(name, globs, ids, lists, lists, (wanted, allowed, commit, refs, around) => {
        const fits = (ref: RepoRef) =>
          allowed.some((glob) => {
            const kind = { heads: "branch", tags: "tag" }[glob.split("/")[0] ?? ""] ?? ref.kind;
            return kind === ref.kind && matchesRefGlob(glob.replace(/^(heads|tags)\//, ""), ref.name);
          });
        try {
          const chosen = resolve(wanted, observed(refs, commit, around), allowed);
          const sources =
            chosen.refKind === "commit"
              ? around
              : refs.filter((ref) => ref.name === chosen.ref && ref.kind === chosen.refKind);
          expect(sources.some(fits)).toBe(true);
          expect(chosen.commit).toBe(chosen.refKind === "commit" ? commit : sources[0]?.commit);
          if (/^(heads|tags)\//.test(wanted)) expect(withKind(chosen.refKind as RefKind, chosen.ref)).toBe(wanted);
        } catch (error) {
          expect(["ref-not-allowed", "ref-unknown", "ref-ambiguous"]).toContain(codeOf(error));
        }
      }),
      { numRuns: Number(process.env["FUZZ_RUNS"] ?? 1_000) },
    );
  });
});

describe("checkTrust", () => {
  const chosen: AppliedConfig = { commit: two, ref: "main", refKind: "branch" };
  const head = { subject: "", author: "", committedAt: "" };
  const fine: ObservedCommit = { head, signature: { kind: "none" }, catalogue: "" };
  const behind = { ...fine, behind: { kind: "branch", ref: "main", commit: one } } as const;

  it("refuses a branch or tag that went back behind its mark, and says how to go on", () => {
    const error = thrown(() => checkTrust(chosen, behind, inputOf({})));
    expect(error).toMatchObject({ code: "history-rewritten" });
    expect(error.message).toMatch(/main now points at 222222222222.*111111111111/);
    expect(error.hint).toContain("config.allowRewrite");
    checkTrust(chosen, behind, inputOf({ source: { allowRewrite: true } }));
    checkTrust(chosen, fine, inputOf({}));
  });

  it("refuses what does not descend from config.since, whatever may be rewritten", () => {
    const bound = inputOf({ source: { since: one, allowRewrite: true } });
    const error = thrown(() => checkTrust(chosen, { ...fine, since: "not-contained" }, bound));
    expect(error).toMatchObject({ code: "commit-before-since" });
    expect(error.message).toContain("does not descend from 111111111111");
    expect(thrown(() => checkTrust(chosen, { ...fine, since: "unknown" }, bound)).message).toContain(
      "no commit of any ref",
    );
    checkTrust(chosen, fine, bound);
  });

  it("asks for a good signature where the settings name signers, and only there", () => {
    const strict = inputOf({ source: { allowedSignersFile: "/etc/muster/signers" } });
    expect(thrown(() => checkTrust(chosen, fine, strict))).toMatchObject({ code: "commit-unsigned" });
    const bad = { ...fine, signature: { kind: "bad", why: "the key has expired" } } as const;
    const error = thrown(() => checkTrust(chosen, bad, strict));
    expect(error).toMatchObject({ code: "commit-signature-bad" });
    expect(error.message).toContain("the key has expired");
    checkTrust(chosen, { ...fine, signature: { kind: "good", signer: "somebody" } }, strict);
    checkTrust(chosen, bad, inputOf({}));
  });
});

const wish = (value: string) => ({ value, from: "settings" });

describe("marksFor", () => {
  const main: RefMark = { kind: "branch", ref: "main", commit: one };
  const other: RefMark = { kind: "branch", ref: "release/1.0", commit: one };
  const tagged: RefMark = { kind: "tag", ref: "main", commit: two };
  const atMain: AppliedConfig = { commit: two, ref: "main", refKind: "branch" };
  const marks = [main, other, tagged];
  const both = observed([branch("main"), tag("main")]);

  it("is the mark of the ref, and of no other one", () => {
    expect(marksFor(atMain, wish("main"), marks, both)).toEqual([main]);
    expect(marksFor({ ...atMain, ref: "release/1.0" }, wish("release/1.0"), marks, both)).toEqual([other]);
    expect(marksFor({ ...atMain, ref: "release/2" }, wish("release/2"), marks, both)).toEqual([]);
  });

  it("is none for a commit that was asked for by its id: that is a decision", () => {
    expect(marksFor({ commit: one, ref: one, refKind: "commit" }, wish(one), marks, both)).toEqual([]);
  });

  it("is also that of a branch whose place a tag has taken: nobody here asked for another ref", () => {
    const gone = observed([tag("main")]);
    const atTag = { ...atMain, refKind: "tag" } as const;
    expect(marksFor(atTag, wish("main"), marks, gone)).toEqual([main, tagged]);
    expect(marksFor(atTag, wish("tags/main"), marks, gone)).toEqual([tagged]);
    expect(marksFor(atTag, wish("main"), marks, both)).toEqual([tagged]);
  });

  it("tells which kind a name stood for", () => {
    expect(kindBefore(inputOf({ marks: [tagged, other] }))).toBe("tag");
    expect(kindBefore(inputOf({ marks: [main, tagged] }))).toBeUndefined();
    expect(kindBefore(inputOf({ marks, applied: { ...atMain, refKind: "tag" } }))).toBe("tag");
    expect(kindBefore(inputOf({ marks: [other] }))).toBeUndefined();
  });
});

describe("roleOf", () => {
  const chosen: AppliedConfig = { commit: two, ref: "main", refKind: "branch" };
  const names = ["web", "database"];

  it("is what the reader found", () => {
    const pinned = { role: role("web"), entry: {} };
    expect(roleOf({ pinned, names }, { value: "web", from: "tag" }, chosen)).toBe(pinned);
    expect(thrown(() => roleOf({ names }, { value: "Web", from: "tag" }, chosen))).toMatchObject({
      code: "role-unknown",
    });
  });

  it("lists the catalogue's roles and the nearest one", () => {
    const error = thrown(() => roleOf({ names }, { value: "databse", from: "tag muster:role" }, chosen));
    expect(error.message).toContain("its roles are database, web");
    expect(error.hint).toContain("Did you mean database?");
  });
});

describe("planSteps", () => {
  it("keeps the commit, the one applied last and those it is told to, each once", () => {
    const chosen: AppliedConfig = { commit: two, ref: "main", refKind: "branch" };
    const applied: AppliedConfig = { commit: one, ref: "main", refKind: "branch" };
    expect(planSteps(chosen, inputOf({ applied, keep: ["3".repeat(40), two] }))).toEqual([
      { kind: "check-out", commit: two },
      { kind: "prune", keep: [two, one, "3".repeat(40)] },
    ]);
  });
});

function thrown(work: () => unknown): Error & { code?: string; hint?: string } {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("nothing was thrown");
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : error;
}
