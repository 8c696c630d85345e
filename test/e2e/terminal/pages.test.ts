// What is printed once, in wide and narrow windows: help, plans, errors, mistakes in files.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

import { waitFor } from "../../lab/wait.ts";
import { createStandIn } from "./stand-in.ts";
import { dryRun, leaving } from "./story.ts";
import { binary, openWindow, type Window } from "./window.ts";

const windows = [
  { columns: 80, env: {} },
  { columns: 40, env: {} },
  { columns: 80, env: { LANG: "POSIX" } },
] as const;

function nameOf({ columns, env }: (typeof windows)[number]): string {
  return "LANG" in env ? `${columns} columns, not UTF-8` : `${columns} columns`;
}

/** A word that is wider than its column stays whole, and the terminal goes on with it in the next line; nothing else is. */
function expectToFit(window: Window): void {
  expect(window.wrapped().filter((rest) => rest.includes(" "))).toEqual([]);
}

test.each(windows)("help, mistakes and errors: $columns $env", async (window) => {
  await using daemon = await createStandIn();
  const repo = join(daemon.directory, "repo");
  await mkdir(repo);
  await writeFile(join(repo, "muster.yaml"), catalogue);
  const pages: string[] = [];
  for (const words of ["drain --help", "check repo --settings none", "check repo", "run pach", "statsu", "status"]) {
    await using shown = await openWindow(`sh -c "cd ${daemon.directory}; exec ${binary} ${words}"`, {
      ...window,
      directory: daemon.directory,
    });
    const code = await shown.ended();
    expectToFit(shown);
    pages.push(`==== muster ${words}: exit ${code}\n${shown.text()}\n`);
  }
  await expect(pages.join("\n")).toMatchFileSnapshot(`screens/pages, ${nameOf(window)}.txt`);
});

const catalogue = `version: 1
roles:
  web:
    patch: { scope: most }
    helth: {}
    converge: [{ puppet: { manifest: manifests/site.pp, modules: [site, modules], hieradata: hiera.yaml } }]
`;

test.each([80, 40])("every page of help fits into %i columns", async (columns) => {
  await using daemon = await createStandIn();

  async function help(words: string): Promise<string> {
    await using shown = await openWindow(`${binary} ${words} --help`, { columns, directory: daemon.directory });
    expect(await shown.ended()).toBe(0);
    expectToFit(shown);
    return shown.text();
  }

  const list = (await help("")).split("Commands:")[1] ?? "";
  const names = [...list.matchAll(/^ {2}(\w\S*)/gm)].map(([, name = ""]) => name);
  expect(names).toContain("status");
  for (const name of names) await help(name);
});

test.each(windows)("a plan, and leaving: $columns $env", async (window) => {
  const pages: string[] = [];
  for (const [words, events, end] of [
    ["run --dry-run", dryRun, { kind: "done", changed: false, note: "nothing was changed: a dry run" }],
    ["drain --reason disk", leaving, { kind: "done", changed: true, note: "disk" }],
  ] as const) {
    await using daemon = await createStandIn();
    await using shown = await openWindow(`${binary} ${words}`, { ...window, directory: daemon.directory });
    await waitFor(() => daemon.heard(), { what: "the command listens", every: 20 });
    await daemon.tell(...events);
    daemon.end(end);
    expect(await shown.ended()).toBe(0);
    expectToFit(shown);
    pages.push(`==== muster ${words}\n${shown.text()}\n`);
  }
  await expect(pages.join("\n")).toMatchFileSnapshot(`screens/plan, ${nameOf(window)}.txt`);
});
