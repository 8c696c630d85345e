// A browser, to see what people see: Debian's own Chromium without its window, in a tree of its own.
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { run } from "../run.ts";
import type { Lock } from "./lock.ts";
import { prepareTree, programsRecipe, treeDirectory } from "./tree.ts";

// The shell needs neither GTK nor a display: 650 MB instead of the browser's 900.
const packages = ["chromium-headless-shell", "fonts-dejavu-core"];
const suite = "bookworm";

export type Scheme = "light" | "dark";

/** What a page became: its document after its scripts ran, as HTML, and a picture of it. */
export interface Seen {
  readonly html: string;
  readonly png: Buffer;
}

/** Builds the tree where it is missing (under a minute and 650 MB, once). */
export function prepareBrowser(say: (line: string) => void): Lock[] {
  return [prepareTree("browser", browserDirectory(), recipe, say)];
}

/** Opens one file in a browser whose user prefers that colour scheme. There is no network in it. */
export async function openInBrowser(
  page: { readonly name: string; readonly text: string },
  options: { readonly scheme: Scheme; readonly width: number; readonly height: number },
): Promise<Seen> {
  if (!existsSync(browserDirectory())) throw new Error("no browser: run `node scripts/lab-prepare.ts browser` first");
  const directory = await mkdtemp(join(tmpdir(), "muster-browser-"));
  try {
    await writeFile(join(directory, page.name), page.text);
    const html = await browse(directory, page.name, options, ["--dump-dom"]);
    await browse(directory, page.name, options, ["--screenshot=/tmp/page.png"]);
    return { html, png: await readFile(join(directory, "page.png")) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The tree is shared and stays as it was built: what Chromium writes goes to the page's directory. */
const inTree = `
set -eu
mount --bind "$2" "$1/tmp"
mount --rbind /dev "$1/dev"
mount -t proc proc "$1/proc"
tree=$1
shift 2
exec chroot "$tree" chromium-headless-shell "$@"
`;

async function browse(
  directory: string,
  file: string,
  { scheme, width, height }: Parameters<typeof openInBrowser>[1],
  how: readonly string[],
): Promise<string> {
  const flags = [
    // Its own sandbox needs a user; what it opens is ours, in namespaces without a network.
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    `--window-size=${width},${height}`,
    // In Blink's settings dark is 0.
    `--blink-settings=preferredColorScheme=${scheme === "dark" ? 0 : 1}`,
  ];
  const namespaces = ["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child"];
  const shell = ["sh", "-c", inTree, "sh", browserDirectory(), directory];
  const { stdout } = await run([...namespaces, ...shell, ...flags, ...how, `file:///tmp/${file}`], {
    timeout: 60_000,
    env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", HOME: "/tmp", LC_ALL: "C.UTF-8" },
  });
  return stdout;
}

function browserDirectory(): string {
  return treeDirectory("browser", recipe(""));
}

function recipe(target: string): string[] {
  return programsRecipe(suite, packages, target);
}
