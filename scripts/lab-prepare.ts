// Makes the machine ready for the lab: packages, the images of the suites named (bookworm by
// default), what the lab's package repository serves, and, if they are named, the AWS emulator (`moto`), a browser (`browser`) and
// images that have dnf in apt's place (`dnf`) or needrestart and faketime besides (`extras`). Needs root and the network; a second call finds everything done.
import { installHostPackages } from "../test/lab/prepare/host-packages.ts";
import { prepareBrowser } from "../test/lab/prepare/browser.ts";
import { prepareDnfImage } from "../test/lab/prepare/dnf-image.ts";
import { prepareExtrasImage } from "../test/lab/prepare/extras-image.ts";
import { imageDirectory, prepareImage, type Suite, suites } from "../test/lab/prepare/image.ts";
import type { Lock } from "../test/lab/prepare/lock.ts";
import { prepareMoto } from "../test/lab/prepare/moto.ts";
import { cacheDirectory, mirror } from "../test/lab/prepare/tree.ts";
import { buildLabPackages, prepareAptPool } from "../test/lab/services/apt-pool.ts";

/** Returns the locks that keep the images from being pruned while this process lives. */
export async function prepareLab(
  wanted: Suite[],
  { moto = false, browser = false, dnf = false, extras = false } = {},
): Promise<Lock[]> {
  if (process.getuid?.() !== 0) throw new Error("the lab needs root: it installs packages and boots machines");
  installHostPackages(say);
  await buildLabPackages(cacheDirectory);
  const locks = wanted.map((suite) => prepareImage(suite, say));
  for (const suite of wanted) {
    await prepareAptPool({ rootfs: imageDirectory(suite), suite, cacheDir: cacheDirectory, mirror });
  }
  const dnfLocks = dnf ? wanted.map((suite) => prepareDnfImage(suite, say)) : [];
  const extrasLocks = extras ? wanted.map((suite) => prepareExtrasImage(suite, say)) : [];
  return [
    ...locks,
    ...dnfLocks,
    ...extrasLocks,
    ...(moto ? prepareMoto(say) : []),
    ...(browser ? prepareBrowser(say) : []),
  ];
}

/** Parses suite names, as given on a command line. */
export function parseSuites(names: string[]): Suite[] {
  return names.map((name) => {
    const suite = suites.find((known) => known === name);
    if (suite === undefined) throw new Error(`no suite ${name}: the lab knows ${suites.join(" and ")}`);
    return suite;
  });
}

function say(line: string): void {
  console.error(`lab: ${line}`);
}

const additions = new Set(["moto", "browser", "dnf", "extras"]);

if (import.meta.main) {
  const named = process.argv.slice(2);
  const names = named.filter((name) => !additions.has(name));
  await prepareLab(parseSuites(names.length > 0 ? names : ["bookworm"]), {
    moto: named.includes("moto"),
    browser: named.includes("browser"),
    dnf: named.includes("dnf"),
    extras: named.includes("extras"),
  });
  say(`ready, in ${cacheDirectory}`);
}
