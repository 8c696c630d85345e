import { z } from "zod";
import type { RebootState } from "../../ports/package-manager.ts";

/** The output of `needs-restarting`, and the facts without it. */
export type RestartEvidence = {
  /** Of the first command that answered; undefined without the program, or dnf's plugin for it. */
  readonly said: string | undefined;
  /** `uname -r`; undefined in a container, which runs the kernel of its host. */
  readonly release: string | undefined;
  /** Kernel packages out of rpm, the newest last. */
  readonly kernels: readonly string[];
};

/** Exit codes are ambiguous: 1 means a due reboot, and every error as well. */
export function judgeReboot({ said, release, kernels }: RestartEvidence): RebootState {
  const hint = said === undefined ? undefined : readHint(said);
  const newest = kernels.at(-1);
  const kernel =
    release === undefined || newest === undefined || newest === release
      ? []
      : [`kernel ${release} runs, ${newest} is installed`];
  // needs-restarting identifies a kernel by name only; versions are more precise.
  const named = (hint ?? []).filter((name) => kernel.length === 0 || !name.startsWith("kernel"));
  const reasons = [...kernel, ...named.map((name) => `${name} was upgraded since the boot`)];
  const unknown = hint === undefined ? { unknown: whyUnknown(said) } : {};
  return { required: reasons.length > 0, reasons, ...unknown };
}

/** @returns the packages that ask for a reboot; undefined if the text gives no answer */
function readHint(text: string): readonly string[] | undefined {
  const json = readJson(text);
  if (json !== undefined) return json;
  if (/Reboot should not be necessary/.test(text)) return [];
  if (!/Reboot is required/.test(text)) return undefined;
  // `  * systemd`
  const names = [...text.matchAll(/^ {2}\* ([\w.+-]+)$/gm)].map(([, name = ""]) => name);
  return namedOr(names);
}

const jsonHint = z.tuple([z.object({ reboot_required: z.boolean(), packages: z.array(z.string()) })]);

/** dnf 5: `[{"type": "reboot", "reboot_required": true, "packages": ["systemd"], …}]` */
function readJson(text: string): readonly string[] | undefined {
  const lines = text.split("\n");
  const from = lines.findIndex((line) => line.startsWith("["));
  const to = lines.findLastIndex((line) => line.startsWith("]"));
  if (from < 0 || to < from) return undefined;
  const array = `${lines.slice(from, to).join("\n")}]`;
  const hint = jsonHint.safeParse(parseJson(array)).data?.[0];
  if (hint === undefined) return undefined;
  return hint.reboot_required ? namedOr(hint.packages) : [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function namedOr(names: readonly string[]): readonly string[] {
  return names.length === 0 ? ["a core library or service"] : names;
}

function whyUnknown(said: string | undefined): string {
  if (said === undefined) return "needs-restarting is not installed";
  const line = said.split("\n").find((line) => line.trim() !== "");
  return line === undefined ? "needs-restarting said nothing" : `needs-restarting said "${line.trim().slice(0, 200)}"`;
}

/** Whether dnf does not know the command, because its plugin is not installed. */
export function isUnknownCommand(text: string): boolean {
  return /No such command|Unknown argument "needs-restarting"/.test(text);
}

/** One kernel a line, with the time of its installation first. */
export const kernelsFormat = "%{INSTALLTIME} %{VERSION}-%{RELEASE}.%{ARCH}\\n";

/** @returns releases as `uname -r` has them, the last installed one at the end */
export function parseKernels(output: string): readonly string[] {
  return [...output.matchAll(/^(\d+) (\S+)$/gm)]
    .map(([, time, release = ""]) => ({ time: Number(time), release }))
    .toSorted((one, other) => one.time - other.time)
    .map(({ release }) => release);
}

/** One service a line, between other output. */
export function parseServices(output: string): readonly string[] {
  return [...new Set(output.split("\n").filter((line) => /^[^\s/]+\.service$/.test(line)))];
}
