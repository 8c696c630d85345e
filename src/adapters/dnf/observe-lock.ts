import { readFile } from "node:fs/promises";
import { dnfReleasever, osRelease } from "../../domain/settings/paths.ts";
import type { RepositoryLock } from "../../ports/package-manager.ts";
import { rpm, type Argv } from "./flavour.ts";
import { queryAny, type Variables } from "./query.ts";
import { isVersioned, judgeLock } from "./release-lock.ts";

/** Only a distribution with versioned repositories is asked. */
export async function observeLock(
  askUpdates: Argv,
  variables: Variables,
  signal: AbortSignal,
): Promise<RepositoryLock | undefined> {
  const release = await readFile(osRelease, "utf8").catch(() => "");
  if (!isVersioned(release)) return undefined;
  const [variable, installed, updates] = await Promise.all([
    readFile(dnfReleasever, "utf8").catch(() => undefined),
    printed(rpm.release, signal),
    printed(askUpdates, signal, variables),
  ]);
  return judgeLock({ osRelease: release, variable, installed, updates });
}

async function printed(argv: Argv, signal: AbortSignal, variables?: Variables): Promise<string | undefined> {
  const { outcome, code, stdout } = await queryAny(argv, argv[0], signal, variables);
  return outcome === "exited" && code === 0 ? stdout : undefined;
}
