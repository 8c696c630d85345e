import { expect, test } from "vitest";
import { commandsOf } from "../../../src/app/commands.ts";

const { signal } = new AbortController();
const commands = commandsOf({ env: {}, ended: signal, unread: signal, now: () => "2026-01-01T00:00:00.000Z" });

test.each(Object.entries(commands))("muster %s is loaded under its own name", async (name, load) => {
  expect((await load()).name).toBe(name);
});
