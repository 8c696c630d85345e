import { expect, test } from "vitest";
import { MusterError } from "../../../src/domain/errors/errors.ts";
import { explainInput, type ExplainPorts } from "../../../src/queries/explain.ts";
import { createFakeScheduler } from "../../fakes/scheduler.ts";
import { createFakeStateFiles } from "../../fakes/state-files.ts";
import { settingsText } from "../cli/explained.ts";
import { full } from "../cli/looked-at.ts";
import { catalogue, createWorld, never } from "../run/world.ts";
import { answering, deniedFiles, now, refusing, viewOf } from "./view.ts";

function portsOf(given: Partial<ExplainPorts> = {}): ExplainPorts {
  return {
    ...viewOf(),
    scheduler: createFakeScheduler(),
    readSettings: async () => [{ file: "/etc/muster/muster.yaml", text: settingsText }],
    inForce: () => Promise.reject(new Error("an older daemon")),
    readCatalogue: async () => catalogue()["muster.yaml"],
    ...given,
  };
}

async function booted() {
  const world = await createWorld();
  const muster = await world.start();
  await muster.executor.start(never);
  await muster.status.flush();
  return { world, muster };
}

test("status, desired membership, what was applied, the role's values and its next times", async () => {
  const { world, muster } = await booted();
  const { commit = "" } = muster.status.current().config ?? {};
  const asked: string[] = [];
  const ports = portsOf({
    daemon: muster.executor,
    files: world.files,
    async readCatalogue(of) {
      asked.push(of);
      return catalogue()["muster.yaml"];
    },
  });
  const input = await explainInput(ports, now);
  expect(input).toMatchObject({
    now,
    agent: { kind: "answers" },
    status: { state: "in-service" },
    wish: { want: "in" },
    applied: { commit },
    scheduled: [{ name: "converge", expression: "*/30 * * * *" }],
    unread: [],
  });
  expect(asked).toEqual([commit]);
  expect(input.role.some(({ from }) => from?.startsWith(`muster.yaml@${commit.slice(0, 12)}:`))).toBe(true);
  expect(input.settings).toMatchObject({ kind: "read" });
});

test("without a daemon the files tell the same", async () => {
  const { world } = await booted();
  const input = await explainInput(portsOf({ files: world.files, host: { bootId: async () => world.bootId } }), now);
  expect(input).toMatchObject({ agent: { kind: "gone" }, status: { role: "web" }, wish: { want: "in" }, unread: [] });
});

test("a user who may read nothing hears of each reason once, and nothing is thrown", async () => {
  const unreadable = new MusterError({
    code: "settings-unreadable",
    message: "the settings cannot be read",
    hint: "Be root.",
    cause: Object.assign(new Error("denied"), { code: "EACCES" }),
  });
  const ports = portsOf({
    daemon: refusing("control-failed"),
    files: deniedFiles(),
    readSettings: () => Promise.reject(unreadable),
  });
  const input = await explainInput(ports, now);
  expect(input).toMatchObject({ status: undefined, agent: { kind: "unasked" }, settings: { kind: "unread" } });
  expect(input.unread).toEqual(["there is control-failed", "permission denied", "the settings cannot be read"]);
});

test("with the daemon's answer alone, every file that cannot be read is one line", async () => {
  const input = await explainInput(portsOf({ daemon: answering(full), files: deniedFiles() }), now);
  expect(input).toMatchObject({ status: { role: "web" }, scheduled: [], unread: ["permission denied"] });
  expect(input.wish).toBeUndefined();
});

test("settings that are not valid are shown with their problems", async () => {
  const ports = portsOf({ readSettings: async () => [{ file: "/etc/muster/muster.yaml", text: "cloud: locla\n" }] });
  const { settings, unread } = await explainInput(ports, now);
  expect(settings).toMatchObject({ kind: "broken", error: { code: "settings-invalid" } });
  expect(settings.kind === "broken" && settings.problems.length).toBeGreaterThan(0);
  expect(unread).toEqual([]);
});

test("a role whose worktree is gone has no values, and one whose catalogue is broken is said", async () => {
  const gone = await explainInput(portsOf({ daemon: answering(full), readCatalogue: async () => undefined }), now);
  expect([gone.role, gone.unread]).toEqual([[], []]);
  const broken = portsOf({ daemon: answering(full), readCatalogue: async () => "roles: 3\n" });
  const { role, unread } = await explainInput(broken, now);
  expect([role, unread.length]).toEqual([[], 1]);
});

test("a damaged desired membership is said, and the rest is told", async () => {
  const files = createFakeStateFiles({ "membership.json": "{" });
  const input = await explainInput(portsOf({ daemon: answering(full), files }), now);
  expect(input.wish).toBeUndefined();
  expect(input.unread).toHaveLength(1);
  expect(input.role.length).toBeGreaterThan(0);
});
