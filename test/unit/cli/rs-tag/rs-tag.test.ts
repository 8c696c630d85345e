import { array, assert, constantFrom, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { formatted } from "../../../../src/cli/rs-tag/rs-tag-format.ts";
import { runRsTag } from "../../../../src/cli/rs-tag/rs-tag.ts";
import type { ErrorCode } from "../../../../src/domain/errors/error-codes.ts";
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import type { Tags } from "../../../../src/domain/instance/instance.ts";
import { createFakeIo } from "../../../fakes/command-io.ts";
import { createFakeTagStore } from "../../../fakes/tag-store.ts";

const usual: Tags = { "web:active": "true", "lb:pool": "front end", raw: "" };

function machine(tags: Tags = usual) {
  const store = createFakeTagStore("i-1", tags);
  const asked: number[] = [];
  const late = new AbortController();
  async function rsTag(...argv: readonly string[]) {
    const io = createFakeIo();
    const deps = {
      async connect(tell: (words: string) => void) {
        tell("ec2:DescribeTags ok (12 ms)");
        return { store, prefix: "muster:" };
      },
      within: (ms: number) => (asked.push(ms), AbortSignal.any([io.signal, late.signal])),
      version: "muster 1.2.3 (abc)",
    };
    const code = await runRsTag(argv, deps, io);
    return { code, stdout: io.stdout(), stderr: io.stderr() };
  }
  return { store, rsTag, asked, late };
}

/** Each as RightLink 6 prints it. */
const golden: Readonly<Record<string, readonly [argv: readonly string[], stdout: string]>> = {
  "a list": [["--list"], '[\n  "lb:pool=front end",\n  "raw",\n  "web:active=true"\n]\n'],
  "a list, in short, as YAML": [["-l", "-f", "yaml"], '---\n- "lb:pool=front end"\n- raw\n- web:active=true\n'],
  "a list as text": [["-l", "--format=text"], "lb:pool=front end raw web:active=true\n"],
  "a list that may not be empty, and is not": [
    ["-l", "--die", "-f", "text"],
    "lb:pool=front end raw web:active=true\n",
  ],
  "a query": [
    ["--query", "web:active=true"],
    '{\n  "i-1": {\n    "tags": [\n      "lb:pool=front end",\n      "raw",\n      "web:active=true"\n    ]\n  },\n  "i-2": {\n    "tags": [\n      "web:active=true"\n    ]\n  }\n}\n',
  ],
  "a query for any of several": [["-q", "nothing", " db:master=* ", "-f", "text"], "i-3\n"],
  "a query as YAML": [["-q", "db:master", "-f", "yml"], "---\ni-3:\n  tags:\n  - db:master=yes\n"],
  "a query as text: the ids alone": [["-q", "web:active", "-ftext"], "i-1 i-2\n"],
  "nothing found": [["-q", "nothing=here"], "{}\n"],
  "nothing found, as YAML": [["-q", "nothing=here", "-f", "yaml"], "--- {}\n"],
  "nothing found, as text": [["-q", "nothing=here", "-f", "text"], "\n"],
};

test.each(Object.entries(golden))("%s", async (_what, [argv, stdout]) => {
  const { store, rsTag } = machine();
  store.others = { "i-2": { "web:active": "true" }, "i-3": { "db:master": "yes" } };
  expect(await rsTag(...argv)).toEqual({ code: 0, stdout, stderr: "" });
});

test("an instance without tags", async () => {
  const { rsTag } = machine({});
  expect(await rsTag("-l")).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
  expect(await rsTag("-l", "-f", "yaml")).toEqual({ code: 0, stdout: "--- []\n", stderr: "" });
  expect(await rsTag("-le")).toEqual({ code: 44, stdout: "", stderr: "No server tags found\n" });
  expect(await rsTag("-q", "a", "b=c", "--die")).toEqual({
    code: 44,
    stdout: "",
    stderr: 'No servers with tags ["a","b=c"]\n',
  });
});

test("adding is told on standard error, removing on standard output", async () => {
  const { store, rsTag } = machine({});
  expect(await rsTag("--add", "web:active=a=b")).toEqual({
    code: 0,
    stdout: "",
    stderr: "Successfully added tag web:active=a=b\n",
  });
  expect(await rsTag("-a", "raw tag")).toMatchObject({ code: 0, stderr: "Successfully added tag raw tag\n" });
  expect(store.tags).toEqual({ "web:active": "a=b", "raw tag": "" });
  expect(await rsTag("--remove", "web:active=other")).toEqual({
    code: 0,
    stdout: "Request processed successfully\n",
    stderr: "",
  });
  expect(await rsTag("-r", "raw tag")).toMatchObject({ code: 0 });
  expect(store.tags).toEqual({ "web:active": "a=b" });
});

test("whoever writes a tag that steers muster is told", async () => {
  expect((await machine().rsTag("-a", "muster:role=db")).stderr).toContain("muster:role steers this instance");
});

test("what is not fresh is listed, and said on standard error", async () => {
  const { store, rsTag } = machine({ raw: "" });
  store.stale = { asOf: "2026-01-01T00:00:00.000Z", why: "nobody answers" };
  expect(await rsTag("-l")).toEqual({
    code: 0,
    stdout: '[\n  "raw"\n]\n',
    stderr: "! These are the tags as they were at 2026-01-01T00:00:00.000Z: nobody answers\n",
  });
});

describe("exit statuses", () => {
  const gone = trouble("aws-unreachable", true);
  const refused = trouble("aws-refused", false);
  test.each([
    [["-l"], gone, 45],
    [["-l"], refused, 45],
    [["-q", "a"], gone, 46],
    [["-q", "a"], refused, 53],
    [["-a", "a"], gone, 47],
    [["-a", "a"], refused, 54],
    [["-r", "a"], gone, 48],
    [["-r", "a"], refused, 55],
    [["-l"], trouble("control-forbidden", false), 2],
    [["-a", "a"], trouble("control-forbidden", false), 2],
    [["-a", "a"], trouble("tag-for-root", false), 54],
  ] as const)("%j when there is %s: %i", async (argv, error, code) => {
    const { store, rsTag } = machine();
    store.trouble = error;
    const end = await rsTag(...argv);
    expect(end).toMatchObject({ code, stdout: "" });
    expect(end.stderr).toMatch(/^(List current server tags|Query tags|Add tag|Remove tag) failed: there is /);
  });

  test("no answer in time", async () => {
    const { store, rsTag, asked, late } = machine();
    store.find = () => (late.abort(), Promise.reject(new Error("aborted")));
    expect(await rsTag("-q", "a", "-t", "7")).toEqual({
      code: 46,
      stdout: "",
      stderr: "Query tags failed: no answer within 7 s\n",
    });
    await machine().rsTag("-l");
    expect(asked).toEqual([7000]);
  });

  test.each([
    [[], "Missing argument, rs_tag --help for additional information\n"],
    [["-v"], "Missing argument, rs_tag --help for additional information\n"],
    [["--lst"], "lst"],
    [["--add"], "argument missing"],
    [["--add", ""], "Non-empty value required"],
    [["-r", "=x"], "Non-empty value required"],
    [["-q", " "], "Non-empty value required"],
    [["-l", "-f", "xml"], "Unknown output format xml\n"],
    [["-l", "-t", "soon"], "--timeout takes seconds, not soon\n"],
    [["-l", "-t", "0"], "--timeout takes seconds"],
  ])("%j is usage", async (argv, why) => {
    const { store, rsTag } = machine();
    expect(await rsTag(...argv)).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(why) as string });
    expect(store.calls).toEqual([]);
  });
});

test("the default timeout is RightLink's, and --verbose tells what is asked", async () => {
  const { rsTag, asked } = machine();
  expect((await rsTag("-l", "-v")).stderr).toBe("ec2:DescribeTags ok (12 ms)\n");
  expect(asked).toEqual([180_000]);
});

test("of several things to do a query counts before a removal, an addition and a list", async () => {
  const { store, rsTag } = machine();
  expect((await rsTag("-l", "-a", "x", "-r", "y", "-q", "raw", "-f", "text")).stdout).toBe("i-1\n");
  expect(store.calls).toEqual([]);
  await rsTag("-l", "-a", "x", "-r", "y");
  expect(store.calls).toEqual(["remove y"]);
});

test("help and version", async () => {
  const { rsTag } = machine();
  const help = await rsTag("--help");
  expect(help).toMatchObject({ code: 0, stderr: "" });
  expect(help.stdout).toMatchSnapshot();
  for (const line of help.stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  expect(await rsTag("--version")).toEqual({ code: 0, stdout: "rs_tag of muster 1.2.3 (abc)\n", stderr: "" });
});

const odd = constantFrom(
  "yes",
  "null",
  "~",
  "1",
  "1.5",
  "- a",
  "a: b",
  "a #b",
  "a:",
  "[x]",
  "a=b\nc",
  '"',
  "'",
  "%",
  "",
);
const text = string({ unit: "grapheme" });

test("YAML is read back as what it was, whatever is in the tags", () => {
  assert(
    property(array(text), array(odd), (some, others) => {
      const tags = [...some, ...others];
      expect(parse(formatted(tags, "yaml"))).toEqual(tags);
      expect(parse(formatted({ "i-1": { tags }, "i-2": { tags: [] } }, "yaml"))).toEqual({
        "i-1": { tags },
        "i-2": { tags: [] },
      });
    }),
  );
});

function trouble(code: ErrorCode, transient: boolean): MusterError {
  return new MusterError({ code, message: `there is ${code}`, hint: "Do something.", transient });
}
