// Every variable that the program could inherit is heeded and documented, taken away by the units, or dropped.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { heeded, isHeeded, unset } from "../../../../src/domain/settings/environment.ts";

const repository = resolve(import.meta.dirname, "../../../..");
const read = (file: string) => readFileSync(join(repository, file), "utf8");
const page = read("docs/environment.md");

test("docs/environment.md says what is heeded, and for what", () => {
  const rows = heeded.map(({ name, use }) => `| \`${name}\` | ${use} |`);
  expect(page).toContain(rows.join("\n"));
});

test.each(["muster.service", "muster-leave.service"])(
  "%s takes away what is read before the program begins",
  (unit) => {
    const lines = [...read(`systemd/${unit}`).matchAll(/^UnsetEnvironment=(.*)$/gm)].flatMap(([, names = ""]) =>
      names.split(" "),
    );
    expect(lines.toSorted()).toEqual([...unset].toSorted());
    expect(unset.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  },
);

test("nothing of src reads a variable that is dropped when it starts", () => {
  const files = readdirSync(join(repository, "src"), { recursive: true, encoding: "utf8" });
  const asked = files
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) =>
      [...read(join("src", file)).matchAll(/\benv(?:\[["'`]|\.)([A-Za-z_]\w*)/g)].flatMap(([, name]) => name ?? []),
    )
    .filter((name) => name === name.toUpperCase());
  expect(asked).toContain("NOTIFY_SOCKET");
  expect(asked.filter((name) => !isHeeded(name))).toEqual([]);
});

test.each([
  ...["HTTP_PROXY", "ftp_proxy", "NODE_USE_ENV_PROXY", "NODE_OPTIONS", "GIT_SSH_COMMAND", "LD_PRELOAD"],
  ...["GIT_CONFIG_GLOBAL", "XDG_CONFIG_HOME", "TMPDIR", "APT_CONFIG", "PAGER", "awsx", "PATHX"],
])("%s steers nothing", (name) => {
  expect(isHeeded(name)).toBe(false);
});

/**
 * Of the runtime's own, found in its binary: what tunes, traces or tests it, and what only its other programs read (its
 * package manager, bundler, test runner).
 */
const ofTheRuntime =
  /^BUN_(AGENT|ASSUME|BYTECODE|CHROME|COMPILE|CONFIG|DEBUG|DESTRUCT|DEV|DISABLE|ENABLE|FEATURE_FLAG|GARBAGE|GC|IDLE|INOTIFY|INSTALL|INTERNAL|LINT|NO_CODESIGN|PLUGIN|TCC|TEST|THREADPOOL|TRACE|WATCHER)(_|$)/;

test("a variable that a new runtime reads is noticed", { timeout: 60_000 }, () => {
  const binary = readFileSync(join(repository, "node_modules/bun/bin/bun.exe"), "latin1");
  // Where the binary asks for one, its name stands by itself.
  const names = new Set(
    [...binary.matchAll(/(?<![A-Za-z0-9_])(?:BUN|NODE)_[A-Z0-9_]{2,60}(?=\0)/g)].map(([name]) => name),
  );
  expect([...names]).toEqual(expect.arrayContaining(["BUN_BE_BUN", "BUN_INSPECT"]));
  const known = [...names].filter((name) => unset.includes(name) || isHeeded(name) || ofTheRuntime.test(name));
  expect([...names].filter((name) => !known.includes(name)).toSorted()).toEqual([]);
});
