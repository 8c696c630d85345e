import { MusterError } from "../../domain/errors/errors.ts";
import { programs } from "../../domain/settings/paths.ts";
import type { exec as Exec } from "../host/exec.ts";
import type { AnsweredRecord, Question } from "../host/dns/answers.ts";
import { canonicalRdata } from "../host/dns/rdata.ts";
import { inTrouble, notReached, unanswered } from "./dns-server.ts";
import type { DnsServerAddress } from "./dns-server.ts";

const timeoutMs = 15_000;

/**
 * Asks the server itself, over TCP, everything in one call. An unknown name has no records.
 * @throws MusterError the errors of {@link notReached}, `dns-zone-missing`, `dns-tool-missing`
 */
export async function askServer(
  at: DnsServerAddress,
  questions: readonly Question[],
  exec: typeof Exec,
  signal: AbortSignal,
): Promise<readonly AnsweredRecord[]> {
  if (questions.length === 0) return [];
  const asked = questions.flatMap(({ name, type }) => ["-q", `${name}.`, "-t", type]);
  const options = ["+tcp", "+norecurse", "+time=3", "+tries=1", "+noall", "+comments", "+answer"];
  const argv = [programs.dig, "-r", `@${at.server}`, "-p", String(at.port), ...options, ...asked] as const;
  const result = await exec({ argv, timeoutMs, signal });
  if (result.outcome === "missing") throw toolMissing(programs.dig);
  const statuses = [...result.stdout.matchAll(/^;; ->>HEADER<<-.* status: (\w+),/gm)].map(([, status]) => status ?? "");
  const wrong = statuses.find((status) => status !== "NOERROR" && status !== "NXDOMAIN");
  if (wrong === "REFUSED" || wrong === "NOTAUTH") throw notAnswered(at, questions, wrong);
  if (wrong !== undefined) throw inTrouble(at, wrong);
  if (statuses.length < questions.length) {
    throw result.outcome === "timed-out" ? unanswered(at) : notReached(at, `${result.stdout}\n${result.stderr}`);
  }
  return parseAnswers(result.stdout);
}

/** The records in dig's output. */
export function parseAnswers(printed: string): readonly AnsweredRecord[] {
  return printed.split("\n").flatMap((line) => {
    const match = /^(\S+)\s+(\d+)\s+IN\s+(\S+)\s+(\S.*)$/.exec(line);
    if (match === null || line.startsWith(";")) return [];
    const [, owner = "", ttl = "", type = "", data = ""] = match;
    const name = owner.toLowerCase().replace(/\.$/, "");
    return [{ name, type, ttl: Number(ttl), rdata: canonicalRdata(type, data) }];
  });
}

export function toolMissing(program: string): MusterError {
  return new MusterError({
    code: "dns-tool-missing",
    message: `\`${program}\` is not installed`,
    hint: "Install it in the image: the package bind9-dnsutils, or bind-utils.",
  });
}

function notAnswered(at: DnsServerAddress, questions: readonly Question[], status: string): MusterError {
  return new MusterError({
    code: "dns-zone-missing",
    message: `The DNS server ${at.server} answers ${status} for ${questions[0]?.name ?? "the zone"}`,
    hint: "Check that it serves the zone of the catalogue and that this instance may ask it.",
  });
}
