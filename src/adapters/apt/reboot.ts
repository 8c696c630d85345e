import type { RebootState } from "../../ports/package-manager.ts";
import { compareVersions } from "./version.ts";

/** The evidence for a due reboot. */
export type RebootEvidence = {
  /** `/run/reboot-required` exists (update-notifier and Debian's kernel hooks write it). */
  readonly flagged: boolean;
  /** The lines of `/run/reboot-required.pkgs`. */
  readonly packages: readonly string[];
  /** A container runs the kernel of its host. */
  readonly container: boolean;
  /** `uname -r`. */
  readonly release: string;
  /** `uname -v`; Debian puts the package's version into it. */
  readonly build: string;
  /** Installed packages named `linux-image-RELEASE`. */
  readonly kernels: readonly { readonly release: string; readonly version: string }[];
};

/** A plain Debian may never write the flag, so the running kernel is compared with the installed ones too. */
export function judgeReboot(evidence: RebootEvidence): RebootState {
  const reasons = [...flagReasons(evidence), ...kernelReasons(evidence)];
  return { required: reasons.length > 0, reasons };
}

function flagReasons({ flagged, packages }: RebootEvidence): readonly string[] {
  if (!flagged) return [];
  const names = [...new Set(packages.map((name) => name.trim()).filter((name) => name !== ""))];
  if (names.length === 0) return ["the system asks for a reboot (/run/reboot-required)"];
  return names.map((name) => `${name} asks for a reboot`);
}

function kernelReasons({ container, release, build, kernels }: RebootEvidence): readonly string[] {
  if (container) return [];
  const newest = kernels
    .filter((kernel) => flavourOf(kernel.release) === flavourOf(release))
    .toSorted((one, other) => compareVersions(other.release, one.release))[0];
  if (newest === undefined) return [];
  if (compareVersions(newest.release, release) > 0) {
    return [`kernel ${release} runs, ${newest.release} is installed`];
  }
  const built = /\bDebian (\S+) \(/.exec(build)?.[1];
  if (newest.release !== release || built === undefined || compareVersions(newest.version, built) <= 0) return [];
  return [`kernel ${release} runs in version ${built}, ${newest.version} is installed`];
}

/** `cloud-amd64` of `6.1.0-40-cloud-amd64`: another flavour is a choice, not an update. */
function flavourOf(release: string): string {
  return /-([a-z][a-z0-9-]{0,63})$/.exec(release)?.[1] ?? "";
}

/** One kernel a line: status, package, version. For `linux-image-*`, of which most are no kernels. */
export const kernelsFormat = "${db:Status-Abbrev} ${Package} ${Version}\\n";

/** Installed kernels in dpkg-query's {@link kernelsFormat}, without meta packages and debug symbols. */
export function parseKernels(output: string): RebootEvidence["kernels"] {
  return [...output.matchAll(/^.i. linux-image-(?:unsigned-)?(\d\S*?)(-unsigned)? (\S+)$/gm)]
    .filter(([, release]) => release !== undefined && !/-dbg(sym)?$/.test(release))
    .map(([, release = "", , version = ""]) => ({ release, version }));
}
