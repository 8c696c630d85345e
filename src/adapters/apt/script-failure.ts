import { MusterError } from "../../domain/errors/errors.ts";
import { decisiveLine } from "../../domain/errors/decisive-line.ts";
import type { Failed } from "../host/packages/failures.ts";

const dpkgError = /^dpkg: error processing (?:package|archive) (\S+)/;

/** dpkg's announcement of its present work; the package's own output follows. */
const announcement = /^(?:Setting up|Processing triggers for|Preparing to unpack|Unpacking|Removing|Purging) /;

/** The package, the phase that failed, and the decisive line: that of its script if there is one. */
export function scriptFailure({ what, lines, logFile }: Failed): MusterError | undefined {
  // A package that only depends on the broken one fails too, and may come first.
  const at = lines.findIndex((line, at) => dpkgError.test(line) && !/dependency problems/.test(lines[at + 1] ?? ""));
  if (at < 0) return undefined;
  const subject = dpkgError.exec(lines[at] ?? "")?.[1] ?? "a package";
  const why = (lines[at + 1] ?? "").trim() || "dpkg gave no reason";
  const begun = lines.findLastIndex((line, index) => index < at && announcement.test(line));
  const phase = phaseOf(why, lines[begun] ?? "");
  const words = decisiveLine(lines.slice(begun < 0 ? at : begun + 1, at));
  const reason = words === undefined ? why : `${words.slice(0, 200)} (${why})`;
  return new MusterError({
    code: phase === "files" ? "package-dependencies-broken" : "package-script-failed",
    message: `${what} failed at ${subject}${phase === undefined ? "" : `, in its ${phase}`}: ${reason}`,
    hint: `${remedyOf(phase, subject)} What the package itself printed is in ${logFile}; muster completes the rest in its next run.`,
  });
}

type Phase = "preinst" | "postinst" | "prerm" | "postrm" | "trigger" | "conffile" | "files";

function phaseOf(why: string, announced: string): Phase | undefined {
  if (/trying to overwrite/.test(why)) return "files";
  if (/conffile/.test(why)) return "conffile";
  if (/trigger/.test(why) || announced.startsWith("Processing triggers")) return "trigger";
  if (/pre-installation script/.test(why)) return "preinst";
  if (/post-installation script/.test(why)) return "postinst";
  if (/pre-removal script/.test(why)) return "prerm";
  return /post-removal script/.test(why) ? "postrm" : undefined;
}

function remedyOf(phase: Phase | undefined, subject: string): string {
  switch (phase) {
    case "files":
      return "Two packages hold the same file: take one of them out, or exclude the newer one (patch.exclude).";
    case "conffile":
      return "A configuration file was changed on both sides: put it as it shall be.";
    case "trigger":
      return `See what the trigger of ${subject} needs: dpkg --configure ${subject}.`;
    case "preinst":
    case "postinst":
    case "prerm":
    case "postrm":
      return `See what its script needs: /var/lib/dpkg/info/${subject}.${phase}.`;
    case undefined:
      return "Run dpkg --audit on the instance.";
  }
}
