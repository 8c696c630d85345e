// The journeys of ARCHITECTURE.md go through files that exist, in few lines.
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../../..");
const page = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
const [, section = ""] = /^## Five journeys\n(.*?)^## /ms.exec(page) ?? [];
const journeys = section.split(/^(?=\*\*)/m).slice(1);
const files = globSync("src/**/*.ts", { cwd: root });

test("there are five, each under fifteen lines", () => {
  expect(journeys.map((journey) => journey.trim().split("\n").length < 15)).toEqual([true, true, true, true, true]);
});

test("every file that they name is there", () => {
  const named = [...section.matchAll(/`([a-z0-9/-]+\.ts)`/g)].map(([, name = ""]) => name);
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((name) => !files.some((file) => file.endsWith(`/${name}`)))).toEqual([]);
});
