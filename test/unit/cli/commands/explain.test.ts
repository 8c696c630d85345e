import { expect, test } from "vitest";
import { createFakeIo } from "../../../fakes/command-io.ts";
import { explained } from "../explained.ts";
import { held, situations } from "../situations.ts";

test.each(Object.keys(situations))("on a terminal: %s", async (name) => {
  const input = await situations[name]?.();
  if (input === undefined) throw new Error("no such situation");
  const { code, stdout, stderr } = await explained(input);
  const unkept = input.agent.kind === "silent" || input.agent.kind === "gone";
  expect([code, stderr]).toEqual([unkept ? 5 : input.status === undefined ? 1 : 0, ""]);
  for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  await expect(stdout).toMatchFileSnapshot(`explain/${name}.txt`);
});

test("a pipe gets whole lines", async () => {
  const { stdout } = await explained(await held(), [], createFakeIo());
  expect(stdout).toContain(
    "1 of 1 health checks did not pass within 20 s: service check unit nginx.service: expected active, saw failed",
  );
  expect(stdout).toMatch(/^health\.service\[0\]\.unit +nginx\.service +muster\.yaml@[0-9a-f]{12}:13:17$/m);
});

test("--all is every value with its place, defaults included", async () => {
  const { stdout } = await explained(await held(), ["--all"], createFakeIo());
  expect(stdout).toMatch(/^config\.deadline +1m +\/etc\/muster\/muster\.yaml:4:13$/m);
  expect(stdout).toMatch(/^retry\.held\.max +10m +default$/m);
  expect(stdout).toMatch(/^patch\.reboot +when-required +default$/m);
  expect(stdout).not.toContain("muster explain --all");
});

test("--json holds everything that was found", async () => {
  const input = await held();
  const { stdout } = await explained(input, ["--json"]);
  const said = JSON.parse(stdout) as Record<string, unknown>;
  expect(said).toMatchObject({ version: 1, standing: "bad", code: "health-failed", agent: { kind: "answers" } });
  expect(said).toMatchObject({
    status: { state: "held", run: { id: input.status?.run?.id } },
    wish: { want: "out", by: "run" },
  });
  expect(said["values"]).toContainEqual({
    name: "health.deadline",
    value: "20s",
    from: expect.stringMatching(/^muster\.yaml@[0-9a-f]{12}:14:17$/) as string,
    of: "catalogue",
    relevant: true,
  });
});

test("a long verdict is cut before the advice and told in full below it", async () => {
  const input = await held();
  const { status } = input;
  if (status?.error === undefined) throw new Error("it is held");
  const message = `${"one check after the other, ".repeat(20)}and the last one`;
  const { stdout } = await explained({ ...input, status: { ...status, error: { ...status.error, message } } });
  const lines = stdout.split("\n");
  expect(lines.findIndex((line) => line.startsWith("→ "))).toBe(3);
  expect(lines[2]).toMatch(/…$/);
  expect(stdout.slice(stdout.indexOf("\nwhy "))).toContain("last one");
});

test("a terminal of ASCII gets no other sign, and no text of others steers it", async () => {
  const input = await held();
  const { status } = input;
  if (status?.error === undefined) throw new Error("it is held");
  const evil = "\u001b]0;owned\u0007\u001b[2J\nnext      nothing";
  const selection = {
    ...{
      role: { value: evil, from: evil },
      environment: { value: evil, from: evil },
      ref: { value: evil, from: evil },
    },
    refused: [{ key: evil, why: evil }],
  };
  const error = { code: evil, message: evil, hint: evil };
  const { stdout } = await explained(
    { ...input, status: { ...status, error, selection, notices: [{ code: evil, text: evil }] }, unread: [evil] },
    [],
    createFakeIo({ isTty: true, unicode: false }),
  );
  expect(stdout).not.toMatch(/[^\n\u0020-\u007e]/);
  expect(stdout.match(/^next /gm)).toHaveLength(1);
});

test("colour says nothing that the words do not", async () => {
  const input = await held();
  const coloured = await explained(input, [], createFakeIo({ isTty: true, color: true }));
  expect(coloured.stdout).toContain("\u001b[31m");
  // oxlint-disable-next-line no-control-regex -- the colours are what is taken away
  expect(coloured.stdout.replaceAll(/\u001b\[\d+m/g, "")).toBe((await explained(input)).stdout);
});

test("with a code it prints its page, and needs no machine for it", async () => {
  const { code, stdout } = await explained(await held(), ["health-failed"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^health-failed\n/);
  expect(stdout).toContain("What to do");
  const unknown = await explained(await held(), ["helth-failed"]);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain("Did you mean health-failed?");
});
