import { expect, test } from "vitest";
import { createEventBus } from "../../../../src/run/state/event-bus.ts";
import { createStatusKeeper } from "../../../../src/run/state/status-keeper.ts";
import { statusAt } from "../../../../src/run/state/status-file.ts";
import { stateChange } from "../../../fakes/state-change.ts";
import { createFakeStateFiles } from "../../../fakes/state-files.ts";

const now = () => new Date("2026-01-01T00:00:00Z");
const clock = { now, uptimeMs: () => 0 };
const moment = { now: now(), upMs: 0, bootId: "boot-a" };

async function keeper(bootId = "boot-a", files = createFakeStateFiles()) {
  const bus = createEventBus(clock);
  return { files, bus, status: await createStatusKeeper(files, bus, bootId, clock) };
}

test("what was heard is on disk after a flush, in few writes", async () => {
  const { files, bus, status } = await keeper();
  let writes = 0;
  const write = files.write.bind(files);
  files.write = async (name, text) => {
    writes += 1;
    await write(name, text);
  };
  for (let count = 0; count < 100; count += 1) {
    bus.emit({ type: "notice", level: "info", code: "tag-refused", text: `n${count}` });
  }
  await status.flush();
  expect(writes).toBeLessThanOrEqual(2);
  const read = await statusAt(files, moment);
  expect(read).toEqual(status.current());
  expect(read.notices).toHaveLength(20);
  expect(read.notices.at(-1)?.text).toBe("n99");
});

test("nothing is written before anything happened", async () => {
  const { files, status } = await keeper();
  await status.flush();
  expect(files.texts.size).toBe(0);
});

test("a disk that is full stops nobody, and what it missed is written when there is room", async () => {
  const { files, bus, status } = await keeper();
  files.failWrites(new Error("no space"));
  bus.emit(stateChange("new", "held", "patch"));
  await status.flush();
  expect(status.current().state).toBe("held");
  files.failWrites(undefined);
  await status.flush();
  expect(await statusAt(files, moment)).toMatchObject({ state: "held" });
});

test("the status of an earlier boot counts for nothing but what it knew", async () => {
  const { files, bus, status } = await keeper();
  bus.emit({ type: "run-facts", facts: { role: "web" } });
  bus.emit(stateChange("new", "starting"));
  bus.emit(stateChange("starting", "in-service", "every gate passed"));
  await status.flush();
  expect((await keeper("boot-a", files)).status.current().state).toBe("in-service");
  expect((await keeper("boot-b", files)).status.current()).toMatchObject({ state: "starting", role: "web" });
});

test.each([["no JSON"], ['{"version":2,"state":"held"}'], ["[]"], ["null"]])(
  "a status file that holds %s is rebuilt",
  async (text) => {
    const { status } = await keeper("boot-a", createFakeStateFiles({ "status.json": text }));
    expect(status.current().state).toBe("new");
  },
);
