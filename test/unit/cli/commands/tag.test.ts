import { expect, test } from "vitest";
import { runProgram } from "../../../../src/cli/program.ts";
import { tagCommand } from "../../../../src/cli/commands/tag.ts";
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import type { Tags } from "../../../../src/domain/instance/instance.ts";
import { createFakeIo, type FakeIo } from "../../../fakes/command-io.ts";
import { createFakeTagStore } from "../../../fakes/tag-store.ts";

const usual = { Name: "web-1", "muster:role": "web", raw: "" };

function tagging(tags: Tags = usual, prefix: string | undefined = "muster:") {
  const store = createFakeTagStore("i-1", tags);
  const connect = async () => ({ store, ...(prefix === undefined ? {} : { prefix }) });
  async function tag(argv: readonly string[], io: FakeIo = createFakeIo()) {
    const code = await runProgram(
      { version: "", commands: { tag: async () => tagCommand({ connect }) } },
      ["tag", ...argv],
      io,
    );
    return { code, stdout: io.stdout(), stderr: io.stderr() };
  }
  return { store, tag };
}

test("list is a table in the order of the keys", async () => {
  const { tag } = tagging();
  expect(await tag(["list"])).toEqual({
    code: 0,
    stdout: "Name         web-1\nmuster:role  web\nraw\n",
    stderr: "",
  });
  expect(JSON.parse((await tag(["list", "--json"])).stdout)).toEqual({ tags: usual });
  expect(await tagging({}).tag(["list"])).toEqual({ code: 0, stdout: "", stderr: "This instance has no tags.\n" });
});

test("what is not fresh is listed, and said beside it", async () => {
  const { store, tag } = tagging();
  store.stale = { asOf: "2026-01-01T00:00:00.000Z", why: "ec2:DescribeTags got no usable answer" };
  expect(await tag(["list"])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("web-1") as string,
    stderr: "! These are the tags as they were at 2026-01-01T00:00:00.000Z: ec2:DescribeTags got no usable answer\n",
  });
  const json = await tag(["list", "--json"]);
  expect(json.stderr).toBe("");
  expect(JSON.parse(json.stdout)).toEqual({ tags: usual, stale: store.stale });
});

test("add sets all of them in one call, a key alone without a value", async () => {
  const { store, tag } = tagging();
  expect(await tag(["add", "app:tier=front=1", "flag"])).toEqual({
    code: 0,
    stdout: "added app:tier=front=1, flag\n",
    stderr: "",
  });
  expect(store.tags).toEqual({ ...usual, "app:tier": "front=1", flag: "" });
});

test("remove takes a key, or a key only with its value", async () => {
  const { store, tag } = tagging();
  expect(await tag(["remove", "Name", "raw=x"])).toEqual({ code: 0, stdout: "removed Name, raw=x\n", stderr: "" });
  expect(store.tags).toEqual({ "muster:role": "web", raw: "" });
});

test("query lists those who have any, by their ids", async () => {
  const { store, tag } = tagging();
  store.others = { "i-3": { app: "db", Name: "db 1" }, "i-2": { app: "web" }, "i-4": {} };
  expect(await tag(["query", "app=*", "Name=web-*"])).toEqual({
    code: 0,
    stdout: "i-1  Name=web-1 muster:role=web raw\ni-2  app=web\ni-3  Name=db 1 app=db\n",
    stderr: "",
  });
  expect(JSON.parse((await tag(["query", "app=db", "--json"])).stdout)).toEqual([
    { id: "i-3", tags: store.others["i-3"] },
  ]);
  expect(await tag(["query", "none", "app=x"])).toEqual({
    code: 0,
    stdout: "",
    stderr: "No instance has none or app=x.\n",
  });
});

test("whoever writes a tag of muster's is told what comes of it", async () => {
  const { tag } = tagging();
  const { stderr } = await tag(["add", "muster:role=db", "muster:state=held", "muster:rol=x", "other=y"]);
  expect(stderr.split("\n").slice(0, 2)).toEqual([
    "! muster:role steers this instance, as far as the settings trust it",
    "! muster:state is written by muster itself, and steers nothing",
  ]);
  expect(stderr).toContain(
    "! muster:rol steers nothing: muster knows role, environment, ref, dns, weight, pause behind muster:",
  );
  expect(stderr).not.toContain("other");
  expect((await tag(["remove", "muster:role"])).stderr).toContain("muster:role steers this instance");
});

test("nothing that others wrote steers the terminal, and nothing runs over it", async () => {
  const { tag } = tagging({ "\u001b[2Jkey": "\u001b]0;owned\u0007 ".repeat(20), long: "word ".repeat(40) });
  const { stdout } = await tag(["list"], createFakeIo({ isTty: true, columns: 60 }));
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(60);
});

test.each([
  [[], "argument"],
  [["lst"], 'did you mean "list"?'],
  [["list", "a=b"], "takes no tags"],
  [["add"], "takes tags as KEY or KEY=VALUE"],
  [["remove", "=x"], "takes tags as KEY or KEY=VALUE"],
  [["query", ""], "takes tags as KEY or KEY=VALUE"],
])("%j is usage", async (argv, why) => {
  const { store, tag } = tagging();
  expect(await tag(argv)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(why) as string });
  expect(store.calls).toEqual([]);
});

test("what cannot be done is an error with its code, and exit 1", async () => {
  const { store, tag } = tagging();
  expect(await tag(["add", "aws:x=y"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("(tags-impossible)") as string,
  });
  store.trouble = new MusterError({ code: "aws-unreachable", message: "gone", hint: "wait" });
  expect(await tag(["query", "a"])).toMatchObject({ code: 1, stderr: "muster: gone\n  wait\n  (aws-unreachable)\n" });
});
