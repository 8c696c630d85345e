import { MusterError } from "../../domain/errors/errors.ts";
import { programs } from "../../domain/settings/paths.ts";
import type { exec as Exec } from "../host/exec.ts";
import { requireGuarded } from "../host/guarded-file.ts";
import { toolMissing } from "./dig.ts";
import { inTrouble, notReached, unanswered } from "./dns-server.ts";
import type { DnsServerAddress } from "./dns-server.ts";

/** The result of an update that was not an error. */
export type UpdateOutcome =
  | "done"
  /** A condition did not hold: nothing was changed. */
  | "conflict"
  /** The name holds records although it should hold none: nothing was changed. */
  | "name-in-use";

const timeoutMs = 20_000;

/**
 * Sends one signed update. The key stays in its file: neither arguments nor input hold it.
 * @throws MusterError `dns-refused`, `dns-zone-missing`, the errors of {@link notReached}, `dns-key-unreadable`,
 *   `dns-update-failed`, `dns-tool-missing`, `settings-writable-by-others`
 */
export async function sendUpdate(
  at: DnsServerAddress & { readonly keyFile: string },
  zone: string,
  lines: readonly string[],
  exec: typeof Exec,
  signal: AbortSignal,
): Promise<UpdateOutcome> {
  requireGuarded(at.keyFile);
  const input = [`server ${at.server} ${at.port}`, `zone ${zone}.`, ...lines, "send", ""].join("\n");
  // -v: TCP, for any size.
  const argv = [programs.nsupdate, "-v", "-t", "10", "-k", at.keyFile] as const;
  const result = await exec({ argv, input, timeoutMs, signal });
  if (result.outcome === "missing") throw toolMissing(programs.nsupdate);
  if (result.outcome === "timed-out") throw unanswered(at);
  // Otherwise nsupdate goes on without a signature, and a lax server might accept that.
  if (/could not read key/i.test(result.stderr)) throw keyUnreadable(at.keyFile);
  if (result.outcome === "exited" && result.code === 0) return "done";
  return classify(`${result.stdout}\n${result.stderr}`, at, zone);
}

/** The meaning of nsupdate's words; its exit code only says that it failed. */
export function classify(
  output: string,
  at: DnsServerAddress & { readonly keyFile: string },
  zone: string,
): UpdateOutcome {
  const failed = /update failed: (\w+)(?:\((\w+)\))?/.exec(output);
  const status = failed?.[2] ?? failed?.[1];
  switch (status) {
    case "NXRRSET":
    case "YXRRSET":
    case "NXDOMAIN":
      return "conflict";
    case "YXDOMAIN":
      return "name-in-use";
    case "BADKEY":
    case "BADSIG":
    case "BADTIME":
    case "BADTRUNC":
    case "REFUSED":
      throw refused(status, at, zone);
    case "NOTAUTH":
    case "NOTZONE":
      throw zoneMissing(status, at, zone);
    case "SERVFAIL":
      throw serverFailed(at);
    default:
  }
  // nsupdate's words for a message of more than 64 KB.
  if (/ran out of space/i.test(output)) throw tooLarge(zone);
  if (/timed out|refused|unreachable|communication with|end of file|couldn't get address/i.test(output)) {
    throw notReached(at, output);
  }
  throw new MusterError({
    code: "dns-update-failed",
    message: `The update of zone ${zone} failed: ${lastLine(output)}`,
    hint: "Look at the log of the DNS server.",
  });
}

const servfail = "SERVFAIL";

function serverFailed(at: DnsServerAddress): MusterError {
  const { code, message, hint, transient } = inTrouble(at, `${servfail} to an update`);
  return new MusterError({ code, message, hint, transient, cause: servfail });
}

/** Whether the server answered an update with SERVFAIL: it is in trouble, or a limit of its own is reached. */
export function isServerFailure(error: unknown): boolean {
  return error instanceof MusterError && error.cause === servfail;
}

function tooLarge(zone: string): MusterError {
  return new MusterError({
    code: "dns-name-full",
    message: `An update of zone ${zone} is larger than one message of DNS, 64 KB: too many instances share a name`,
    hint: "Spread the instances over several names in the catalogue.",
  });
}

const whyRefused: Readonly<Record<string, string>> = {
  BADKEY: "it does not know the key (BADKEY)",
  BADSIG: "the signature is wrong: the same key name has another secret there (BADSIG)",
  BADTIME: "its clock and this instance's differ too much (BADTIME)",
  BADTRUNC: "the signature is too short for it (BADTRUNC)",
  REFUSED: "the key may not change this zone (REFUSED)",
};

function refused(status: string, at: DnsServerAddress & { readonly keyFile: string }, zone: string): MusterError {
  return new MusterError({
    code: "dns-refused",
    message: `The DNS server ${at.server} refused the update of zone ${zone}: ${whyRefused[status] ?? status}`,
    hint:
      status === "BADTIME"
        ? "Correct the clock here or there; signatures hold for five minutes."
        : `Compare the key in ${at.keyFile} with the server's, and its \`allow-update\` or \`update-policy\` for the zone.`,
    // The clock may not be synchronised yet.
    transient: status === "BADTIME",
  });
}

export function zoneMissing(status: string, at: DnsServerAddress, zone: string): MusterError {
  return new MusterError({
    code: "dns-zone-missing",
    message: `The DNS server ${at.server} is not the primary of zone ${zone} (${status})`,
    hint: "Correct `zone` in the catalogue, or the server in the settings.",
  });
}

function keyUnreadable(keyFile: string): MusterError {
  return new MusterError({
    code: "dns-key-unreadable",
    message: `The TSIG key file ${keyFile} cannot be read, or holds no key`,
    hint: "Make it with `tsig-keygen`, readable by root, and name it under `local: dns: key:` in the settings.",
  });
}

function lastLine(output: string): string {
  const [last = "no reason given"] = output
    .split("\n")
    .map((line) => line.replaceAll(/[^\x20-\x7e]+/g, " ").trim())
    .filter((line) => line !== "")
    .slice(-1);
  return last.slice(0, 200);
}
