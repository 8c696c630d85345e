import { expect, test } from "vitest";
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import { unreadSettings } from "../../../../src/views/explain/settings-observation.ts";

function unreadable(cause?: unknown): MusterError {
  const message = "/etc/muster/conf.d/10.yaml cannot be read";
  return new MusterError({ code: "settings-unreadable", message, hint: "Make it readable.", cause });
}

test("a file of the settings that nobody can read stops the agent, and is what has to be put right", () => {
  for (const cause of [undefined, Object.assign(new Error("input/output error"), { code: "EIO" })]) {
    expect(unreadSettings(unreadable(cause))).toMatchObject({
      kind: "broken",
      error: { code: "settings-unreadable", hint: "Make it readable." },
      problems: [],
    });
  }
});

test("one that only whoever looks may not read says nothing of the agent, and neither does a bug", () => {
  const denied = Object.assign(new Error("permission denied"), { code: "EACCES" });
  expect(unreadSettings(unreadable(denied))).toEqual({ kind: "unread" });
  expect(unreadSettings(new TypeError("bug"))).toEqual({ kind: "unread" });
});
