import type { Progress } from "../host/packages/transactions.ts";

/** @returns undefined for a line without news */
export function progressOf(line: string): Progress | undefined {
  const holder = lockHolderIn(line);
  if (holder !== undefined) return { kind: "waiting", text: `waiting for ${holder}` };
  // dnf 4: `  Upgrading        : app-1.2-1.noarch          4/7 `; dnf 5: `[ 2/11] Upgrading app-0:1.2-1.noarch   100% | …`
  const step =
    /^(?:\[ *\d+\/\d+\] | {2})(Upgrading|Installing|Reinstalling|Cleanup|Removing|Erasing|Running scriptlet)(?: *:)? +(\S+)/.exec(
      line,
    );
  if (step !== null) return { kind: "doing", text: `${verbs[step[1] ?? ""] ?? "at"} ${step[2]}` };
  // dnf 4: `(1/3): app-1.2-1.noarch.rpm       1.2 MB/s | 5.9 kB     00:00`
  const fetched = /^\(\d+\/\d+\): (\S+)\.rpm /.exec(line)?.[1];
  if (fetched !== undefined) return { kind: "doing", text: `downloading ${fetched}` };
  return undefined;
}

const verbs: Readonly<Record<string, string>> = {
  Upgrading: "upgrading to",
  Installing: "installing",
  Reinstalling: "installing again",
  Cleanup: "removing the old",
  Removing: "removing the old",
  Erasing: "removing the old",
  "Running scriptlet": "running a script of",
};

/** The process that holds a lock, in the words of the complaint; undefined for any other line. */
export function lockHolderIn(line: string): string | undefined {
  // dnf 4: RPMDB already locked by 26112; Waiting for process with pid 26112 to finish.
  const pid = /^\w.* already locked by (\d+)|^Waiting for process with pid (\d+)/.exec(line);
  if (pid !== null) return `process ${pid[1] ?? pid[2]}`;
  // dnf 5, rpm
  const other = /Failed to obtain rpm transaction lock|can't create transaction lock/.test(line);
  return other ? "another process, which changes packages" : undefined;
}

/** Packages whose scripts failed after the package itself was installed: dnf reports them and exits with success. */
export function failedScriptsIn(lines: readonly string[]): readonly string[] {
  const names = lines.flatMap((line) => /^(?:warning: )?%\w+\((\S+)\) scriptlet failed/.exec(line)?.[1] ?? []);
  return [...new Set(names)];
}
