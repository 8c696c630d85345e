// Whoever may write tags of an instance chooses every character of them.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { runRsTag } from "../../../src/cli/rs-tag/rs-tag.ts";
import { tagCommand } from "../../../src/cli/commands/tag.ts";
import type { TagStore } from "../../../src/ports/tag-store.ts";
import { createFakeIo } from "../../fakes/command-io.ts";
import { hostileText, steers, tries } from "./hostile.ts";

const tags = fc.dictionary(hostileText, hostileText, { maxKeys: 4, noNullPrototype: true });

test("no tag steers a terminal, in any format, and JSON says it as it is", async () => {
  const property = fc.asyncProperty(tags, hostileText, hostileText, async (own, id, why) => {
    const store: TagStore = {
      list: async () => ({ tags: own, ...(why === "" ? {} : { stale: { asOf: why, why } }) }),
      add: async () => undefined,
      remove: async () => undefined,
      find: async () => [{ id, tags: own }],
    };
    for (const argv of [
      "--list --format text",
      "-l -f json",
      "-l -f yaml",
      "-q a -f text",
      "-q a -f json",
      "-q a -f yaml",
    ]) {
      const io = createFakeIo();
      await runRsTag(argv.split(" "), { connect: async () => ({ store }), within, version: "" }, io);
      expect(steers(io.stdout() + io.stderr()), argv).toBe(false);
      if (argv === "-q a -f json") expect(Object.keys(JSON.parse(io.stdout()) as object)).toEqual([id]);
    }
    for (const [args, json] of [
      [["list"], false],
      [["list"], true],
      [["query", "a"], false],
      [["query", "a"], true],
    ] as const) {
      const io = createFakeIo({ isTty: true });
      await tagCommand({ connect: async () => ({ store }) }).run({ args: [...args], options: { json } }, io);
      expect(steers(io.stdout() + io.stderr()), `${args.join(" ")} ${json}`).toBe(false);
    }
  });
  await fc.assert(property, tries(200));
}, 3_600_000);

function within(): AbortSignal {
  return new AbortController().signal;
}
