import { expect, test } from "vitest";
import type { Json } from "../../../../src/domain/text/canonical.ts";
import { createCatalogueReader } from "../../../../src/settings/catalogue.ts";
import { restoreConfig, storeConfig } from "../../../../src/stages/config/pinned.ts";
import type { ConfigResult } from "../../../../src/stages/config/result.ts";
import { createFakeStateFiles } from "../../../fakes/state-files.ts";

const text = "version: 1\nroles:\n  web:\n    dns: [{ zone: example.internal, name: www, type: A }]\n  db: {}\n";
const commit = "1a2b3c4d5e".repeat(4);
const { signal: never } = new AbortController();
const reader = createCatalogueReader();

const { pinned } = reader.read(text, "muster.yaml", "web");
if (pinned === undefined) throw new Error("the catalogue has the role");
const pin: ConfigResult = {
  ...{ commit, ...pinned },
  ...{ ref: "main", refKind: "branch", directory: `/worktrees/${commit}`, fetched: true, subject: "Add roles" },
};

/** A machine whose mirror and worktree hold these texts of the catalogue; undefined: damaged, and not there. */
function machine(mirror: string | undefined, worktree: string | undefined) {
  return {
    repo: {
      readFile: async () => {
        if (mirror === undefined) throw new Error("config-mirror-damaged");
        return mirror;
      },
    },
    files: createFakeStateFiles(worktree === undefined ? {} : { [`worktrees/${commit}/tree/muster.yaml`]: worktree }),
    reader,
  };
}

test("the journal holds the commit and the role's name, and nothing of what the catalogue says", () => {
  const stored = storeConfig(pin);
  expect(stored).toEqual({
    ...{ commit, role: "web", ref: "main", refKind: "branch", directory: `/worktrees/${commit}` },
    ...{ fetched: true, subject: "Add roles" },
  });
});

test.each([
  ["from the mirror", text, undefined],
  ["from the worktree, if the mirror is damaged", undefined, text],
  ["from the worktree, if what the mirror holds is no catalogue", "roles: [", text],
])("the role is read again %s", async (_from, mirror, worktree) => {
  expect(await restoreConfig(storeConfig(pin), machine(mirror, worktree), never)).toEqual(pin);
});

test("a whole role that an older binary wrote down is read again by its name", async () => {
  const stored: Json = { ...storeConfig(pin), role: { name: "web", patch: { scope: "from long ago" } } };
  expect(await restoreConfig(stored, machine(text, undefined), never)).toEqual(pin);
});

test.each<[string, Json, string | undefined, string | undefined]>([
  ["no commit", { ...storeConfig(pin), commit: "main" }, text, text],
  ["no role", { ...storeConfig(pin), role: {} }, text, text],
  ["a role that the commit does not have", { ...storeConfig(pin), role: "cache" }, text, text],
  ["a mirror and a worktree that are gone", storeConfig(pin), undefined, undefined],
  ["a catalogue that this binary refuses", storeConfig(pin), "version: 2", "version: 2"],
])("with %s the stage is made again", async (_what, stored, mirror, worktree) => {
  expect(await restoreConfig(stored, machine(mirror, worktree), never)).toBeUndefined();
});
