import { expect, test } from "vitest";
import { editedPaths, settingsEdits } from "../../../../src/domain/settings/settings-edits.ts";

const url = { path: "config.url", value: "https://git/config.git", from: "/etc/muster/muster.yaml:3:8" };

test("a moved line is no edit; a changed, a new and a removed value are", () => {
  expect(settingsEdits([url], [{ ...url, from: "/etc/muster/muster.yaml:9:8" }])).toEqual([]);
  const onDisk = [
    { ...url, value: "https://git/new.git" },
    { path: "log", value: "json" },
  ];
  expect(settingsEdits([url, { path: "config.ref", value: "main" }], onDisk)).toEqual([
    { path: "config.url", inForce: "https://git/config.git", onDisk: "https://git/new.git" },
    { path: "log", onDisk: "json" },
    { path: "config.ref", inForce: "main" },
  ]);
});

test("three paths are told whole, of more the first two", () => {
  const edits = ["a", "b", "c", "d"].map((path) => ({ path }));
  expect(editedPaths(edits.slice(0, 3))).toBe("a, b, c");
  expect(editedPaths(edits)).toBe("a, b and 2 more");
});
