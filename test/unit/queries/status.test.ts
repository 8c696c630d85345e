import { expect, test } from "vitest";
import { askAgent } from "../../../src/queries/agent.ts";
import { readStatus } from "../../../src/queries/status.ts";
import { createFakeStateFiles } from "../../fakes/state-files.ts";
import { serving } from "../cli/reports.ts";
import { answering, deniedFiles, heldBy, now, refusing, viewOf } from "./view.ts";

const onDisk = () => createFakeStateFiles({ "status.json": JSON.stringify(serving) });

test("a daemon that answers says it itself: no file is read, and no lock is looked at", async () => {
  const view = viewOf({
    daemon: answering(serving),
    files: deniedFiles(),
    lockHolder: () => expect.fail("the lock was looked at"),
  });
  expect(await readStatus(view, now)).toBe(serving);
  expect(await askAgent(view)).toEqual({ agent: { kind: "answers" }, status: serving });
});

test("without a daemon the file tells, and first that no daemon keeps it up", async () => {
  const status = await readStatus(viewOf({ files: onDisk() }), now);
  expect(status).toMatchObject({ daemon: { answers: false, code: "daemon-unreachable" }, role: "web" });
});

test("a command in the foreground keeps the status up, so that nothing is wrong with the file", async () => {
  const status = await readStatus(viewOf({ files: onDisk(), lockHolder: heldBy(77, "muster run") }), now);
  expect(status).toEqual(serving);
});

test("a machine on which nothing was done yet has a status too", async () => {
  expect((await readStatus(viewOf(), now)).bootId).toBe("boot-a");
});

test("where the file cannot be read either, the daemon's trouble is what is reported", async () => {
  const files = deniedFiles();
  await expect(readStatus(viewOf({ files }), now)).rejects.toMatchObject({ code: "daemon-unreachable" });
  const silent = viewOf({ files, daemon: refusing("daemon-silent"), lockHolder: heldBy(412, "muster daemon") });
  await expect(readStatus(silent, now)).rejects.toMatchObject({ code: "daemon-silent" });
  const unasked = viewOf({ files, daemon: refusing("control-failed") });
  await expect(readStatus(unasked, now)).rejects.toMatchObject({ code: "state-read-failed" });
});

test.each([
  ["nobody holds the lock", viewOf(), { kind: "gone" }],
  [
    "a command holds it",
    viewOf({ lockHolder: heldBy(77, "muster run") }),
    { kind: "command", what: "muster run", pid: 77 },
  ],
  [
    "a daemon holds it and does not listen yet",
    viewOf({ lockHolder: heldBy(412, "muster daemon") }),
    { kind: "silent", pid: 412, state: "other" },
  ],
  [
    "a daemon that was stopped by a signal listens, and does not answer",
    viewOf({
      daemon: refusing("daemon-silent"),
      lockHolder: heldBy(412, "muster daemon"),
      processState: () => "stopped",
    }),
    { kind: "silent", pid: 412, state: "stopped" },
  ],
  [
    "its process is gone by now",
    viewOf({ daemon: refusing("daemon-lost"), lockHolder: heldBy(412, "x"), processState: () => undefined }),
    { kind: "silent", pid: 412 },
  ],
  ["root cannot tell who holds it", viewOf({ lockHolder: () => undefined }), { kind: "silent" }],
  ["another user cannot tell", viewOf({ lockHolder: () => undefined, isRoot: false }), { kind: "gone" }],
  ["this user may not ask", viewOf({ daemon: refusing("control-failed") }), { kind: "unasked" }],
])("who is at work: %s", async (_words, view, agent) => {
  expect((await askAgent(view)).agent).toEqual(agent);
});

test("what is no error of muster's is a bug, and thrown", async () => {
  const daemon = { status: () => Promise.reject(new TypeError("a bug")) };
  await expect(readStatus(viewOf({ daemon }), now)).rejects.toThrow(TypeError);
});
