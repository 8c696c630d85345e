import type { ErrorCode } from "../../domain/errors/error-codes.ts";
import { MusterError } from "../../domain/errors/errors.ts";
import type { GitUrl } from "../../domain/role/git-url.ts";
import type { ExecResult } from "../host/exec.ts";
import { scrub } from "./url.ts";

/** The validity of the server's certificate. */
export type Validity = { readonly from: Date; readonly to: Date };

type Words = {
  readonly code: ErrorCode;
  /** The cause, to stand behind "The config repo URL cannot be fetched: ". */
  readonly what: string;
  readonly hint: string;
};

const clockHint =
  "Check this machine's clock (timedatectl) first: a wrong clock makes good certificates look expired or not yet valid.";
const caHint =
  "If the server's authority is private, name its certificate in config.https.ca of the settings; if the certificate expired, renew it. " +
  clockHint;

/** The words of git and ssh, first match wins: precise lines stand before the general ones that come with them. */
const known: readonly (readonly [RegExp, Words])[] = [
  [
    /No space left on device|Disk quota exceeded/,
    {
      code: "state-write-failed",
      what: "there is no space left on the device of the state directory",
      hint: "Free some space (df -h, df -i); what was fetched before is kept.",
    },
  ],
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED|host key for .{0,300} has changed/i,
    {
      code: "config-host-key-unknown",
      what: "the server shows another host key than the one on file",
      hint: "If the server's key was really replaced, put the new one into config.ssh.knownHosts of the settings; otherwise somebody may be in between.",
    },
  ],
  [
    /Host key verification failed|host key is known for/,
    {
      code: "config-host-key-unknown",
      what: "the server's ssh host key is not known",
      hint: "Put its line (ssh-keyscan HOST, compared with what the server's owner says) into config.ssh.knownHosts of the settings or /etc/ssh/ssh_known_hosts.",
    },
  ],
  [
    /Could not resolve host|Name or service not known|Temporary failure in name resolution/,
    {
      code: "config-fetch-failed",
      what: "the server's name cannot be resolved",
      hint: "Check the name in config.url and this machine's resolver (/etc/resolv.conf).",
    },
  ],
  [
    /not yet (valid|activated)/i,
    { code: "config-certificate-refused", what: "the server's certificate is not valid yet", hint: clockHint },
  ],
  [
    /certificate has expired|expiration date has passed/i,
    {
      code: "config-certificate-refused",
      what: "the server's certificate has expired",
      hint: `Renew it. ${clockHint}`,
    },
  ],
  [
    /does not match target host name|no alternative certificate subject name/,
    {
      code: "config-certificate-refused",
      what: "the server's certificate is made out for another name",
      hint: "Use the name in config.url that the certificate is made out for.",
    },
  ],
  [
    /error setting certificate (verify locations|file)|error adding trust anchors|Problem with the SSL CA cert/i,
    {
      code: "config-certificate-refused",
      what: "the CA bundle cannot be read",
      hint: "config.https.ca of the settings has to be a readable file of certificates in PEM.",
    },
  ],
  [
    /certificate verif|certificate problem|server verification failed/i,
    { code: "config-certificate-refused", what: "the server's certificate is not trusted", hint: caHint },
  ],
  [
    /Authentication failed|could not read (Username|Password)|returned error: 40[13]|HTTP 40[13]/,
    {
      code: "config-access-denied",
      what: "the server refuses the credentials, or asks for some and there are none",
      hint: "Check config.https.credentials of the settings: one line https://USER:PASSWORD@HOST for this host, with read access to the repo.",
    },
  ],
  [
    /Load key .{0,300}:|identity file .{0,300} not accessible|no such identity:/i,
    {
      code: "config-access-denied",
      what: "ssh cannot use the key",
      hint: "config.ssh.key of the settings has to be a private key as ssh-keygen writes it: whole, with its last line end and no carriage returns, readable by root alone, without a passphrase.",
    },
  ],
  [
    /Permission denied \(|Too many authentication failures/i,
    {
      code: "config-access-denied",
      what: "the server refuses the ssh key",
      hint: "Check config.ssh.key of the settings (readable by root alone, without a passphrase) and that the server knows its public half.",
    },
  ],
  [
    /repository .{0,300} not found|Repository not found|does not appear to be a git repository|returned error: 404|not valid: is this a git|does not exist/i,
    {
      code: "config-repo-not-found",
      what: "there is no such repository on the server, or these credentials may not see it",
      hint: "Check config.url of the settings, and that the credentials may read the repo.",
    },
  ],
  [
    /fsck error|error in (tree|commit|tag|blob) [0-9a-f]+:|error: object [0-9a-f]+: /,
    {
      code: "config-content-refused",
      what: "it holds an object that git's safety checks refuse",
      hint: "Run git fsck in the repo; the object named above has to go.",
    },
  ],
  [
    /Connection refused|Couldn't connect to server/,
    {
      code: "config-fetch-failed",
      what: "the server refuses the connection",
      hint: "Check that the git server runs and that no firewall or security group is in between.",
    },
  ],
  [
    /No route to host|Network is unreachable|Host is unreachable/i,
    {
      code: "config-fetch-failed",
      what: "there is no route to the server",
      hint: "Check this machine's routes (ip route, ip -6 route) and the route table of its subnet.",
    },
  ],
  [
    /timed out|too slow|Timeout was reached|Timeout, server/i,
    {
      code: "config-fetch-failed",
      what: "the server does not answer",
      hint: "Check the network, and that no firewall or security group is in between.",
    },
  ],
  [
    /returned error: 5\d\d|returned error: 429|early EOF|hung up|Connection (reset|closed)|kex_exchange_identification|RPC failed/,
    {
      code: "config-fetch-failed",
      what: "the server broke off or answered with an error of its own",
      hint: "See the log of the git server.",
    },
  ],
];

const transientOf = (code: ErrorCode): boolean => code !== "config-content-refused";

/**
 * Why a fetch failed; undefined if git's words are unknown, which may mean a damaged mirror.
 * @param validity of the server's certificate: many a git only says that it is not good
 */
export function fetchFailure(result: ExecResult, url: GitUrl, validity?: Validity): MusterError | undefined {
  if (result.outcome === "timed-out" && url.scheme === "file") {
    return failure(url, {
      code: "config-fetch-failed",
      what: "its path does not answer in time",
      hint: "See whether the file system that holds it stands still (df on that path hangs too), or raise config.deadline in the settings.",
    });
  }
  if (result.outcome === "timed-out") {
    return failure(url, {
      code: "config-fetch-failed",
      what: "it took longer than it may",
      hint: "Raise config.deadline in the settings if the repo is large and the line is slow.",
    });
  }
  const words = wordsFor(result.stderr);
  if (words === undefined) return undefined;
  const dated = words.code === "config-certificate-refused" ? wordsForDates(validity) : undefined;
  return failure(url, dated ?? words, said(result.stderr, patternFor(result.stderr)));
}

/** A fetch that failed for an unknown reason. */
export function unknownFetchFailure(result: ExecResult, url: GitUrl): MusterError {
  return failure(
    url,
    {
      code: "config-fetch-failed",
      what: "git failed",
      hint: "Try the same with git ls-remote on this machine.",
    },
    said(result.stderr),
  );
}

/** A failure to reach the server, found before git was called, in the same words. */
export function reachFailure(url: GitUrl, words: string): MusterError {
  return failure(url, wordsFor(words) ?? { code: "config-fetch-failed", what: words, hint: "Check the network." });
}

function wordsFor(text: string): Words | undefined {
  return known.find(([pattern]) => pattern.test(text))?.[1];
}

function patternFor(text: string): RegExp | undefined {
  return known.find(([pattern]) => pattern.test(text))?.[0];
}

function wordsForDates(validity: Validity | undefined): Words | undefined {
  if (validity === undefined) return undefined;
  const now = Date.now();
  if (now < validity.from.getTime()) return wordsFor("certificate not yet valid");
  if (now > validity.to.getTime()) return wordsFor("certificate has expired");
  return undefined;
}

function failure(url: GitUrl, words: Words, quote = ""): MusterError {
  return new MusterError({
    code: words.code,
    message: `The config repo ${scrub(url.text)} cannot be fetched: ${words.what}${quote}`,
    hint: words.hint,
    transient: transientOf(words.code),
  });
}

/** Lines that git adds after those of ssh. */
const general = /^(fatal: Could not read from remote repository|Please make sure you have|and the repository exists)/;

/**
 * The decisive line of git's and ssh's output, without credentials and control characters.
 * @param why the words that identified the cause: the line with them is the decisive one
 */
export function said(stderr: string, why?: RegExp): string {
  const lines = stderr.split("\n").map((text) => {
    const line = scrub(text).replaceAll(/\p{Cc}/gu, " ");
    // A frame of @ stands around the warnings of ssh.
    return (line.startsWith("@") ? line.replaceAll("@", " ") : line).trim();
  });
  const own = lines.filter((line) => line !== "" && !general.test(line));
  const telling =
    own.find((line) => why?.test(line)) ??
    own.find((line) => /^(fatal|error|ssh|ERROR|remote: (fatal|error))\b/.test(line)) ??
    own[0] ??
    lines.find((line) => line !== "");
  return telling === undefined ? "" : ` (${telling.slice(0, 300)})`;
}
