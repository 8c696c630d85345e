import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pages } from "../../../scripts/docs/pages.ts";
import { recordedTimeline } from "../../../scripts/docs/timeline.ts";
import { writtenTags } from "../../../src/domain/role/selection.ts";
import { steerable } from "../../../src/domain/settings/settings.ts";
import { templateVariables } from "../../../src/domain/role/template.ts";
import { readCatalogue } from "../../../src/settings/catalogue.ts";
import { parseInstanceFile } from "../../../src/settings/instance-file.ts";
import { parseSettings } from "../../../src/settings/settings.ts";

function doc(file: string): string {
  return readFileSync(join(import.meta.dirname, "../../..", file), "utf8");
}

/** The blocks of YAML in a page, in order. */
function examples(text: string): readonly string[] {
  return [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map((match) => match[1] ?? "");
}

test.each([...pages()])("%s is what `npm run docs` writes", (file, text) => {
  expect(doc(file)).toBe(text);
});

test("the examples are valid", () => {
  const [settings = "", instance = ""] = examples(doc("docs/settings.md"));
  const [catalogue = "", checks = ""] = examples(doc("docs/catalogue.md"));
  parseSettings([{ file: "settings.md", text: settings }]);
  parseInstanceFile(instance, "settings.md");
  readCatalogue(catalogue, "catalogue.md");
  readCatalogue(`version: 1\nroles:\n web:\n  health:\n${checks.replaceAll(/^/gm, "   ")}`, "catalogue.md");
});

test("every field of a timeline has a meaning", () => {
  const { stages, criticalPath, totals, ...whole } = recordedTimeline();
  const [waits, work] = [stages.flatMap((stage) => stage.waits), stages.flatMap((stage) => stage.work)];
  const fields = [whole, totals, ...stages, ...waits, ...work, ...criticalPath].flatMap((each) => Object.keys(each));
  const page = doc("docs/timeline.md");
  for (const field of ["version", "compared", ...fields]) expect(page).toContain(`\`${field}\``);
});

test("every key has a meaning", () => {
  for (const [file, text] of pages()) {
    const empty = text.split("\n").filter((line) => /^\| `.*\|\s+\|$/.test(line));
    expect([file, empty]).toEqual([file, []]);
  }
});

test("docs/tags.md names every tag that steers, and every tag that muster writes", () => {
  const rows = [...doc("docs/tags.md").matchAll(/^\| `muster:(\w+)` \|/gm)].map((match) => match[1]);
  expect(rows).toEqual([...steerable, ...writtenTags]);
});

test("docs/catalogue.md names every variable of templates", () => {
  for (const name of templateVariables) expect(doc("docs/catalogue.md")).toContain(`\`{${name}}\``);
});

test("docs/aws.md: the settings are valid", () => {
  const [settings = ""] = examples(doc("docs/aws.md"));
  expect(parseSettings([{ file: "aws.md", text: settings }]).settings.cloud).toBe("aws");
});
