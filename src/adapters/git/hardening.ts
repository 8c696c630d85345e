import type { GitUrl } from "../../domain/role/git-url.ts";
import { programs } from "../../domain/settings/paths.ts";
import type { ConfigSource } from "../../domain/settings/settings.ts";
import type { GitWay } from "./proxy.ts";

// The hardening of every git: its variables and its configuration, for questions (ask.ts) and for calls (git.ts).

/** No configuration, attributes, credentials or keys of the machine or of a user. */
export const ownEnvironment = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  HOME: "/nonexistent",
  // git must not ask for a password: no person would answer.
  GIT_TERMINAL_PROMPT: "0",
  // Objects mean what their id says.
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_OPTIONAL_LOCKS: "0",
};

/** Nothing that a repository holds becomes a program. */
export const harmless: readonly string[] = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.attributesFile=/dev/null",
  "core.askPass=",
  "gpg.openpgp.program=false",
  "gpg.x509.program=false",
];

/** The variables of a call that may talk to the server. */
export function environmentFor(source: ConfigSource, url: GitUrl, way: GitWay): Record<string, string> {
  return {
    ...ownEnvironment,
    // The scheme of the settings and no other, redirects and alternates included.
    GIT_ALLOW_PROTOCOL: url.scheme,
    GIT_SSH_COMMAND: sshCommand(source, way.ssh),
    GIT_SSH_VARIANT: "ssh",
    ...way.env,
  };
}

/**
 * Slips of old git versions and of importers that thousands of honest histories hold: who made a commit and when is
 * written oddly, or a mode has a zero too many. They do no harm, and a history cannot be mended.
 */
const harmlessSlips = [
  "badDate",
  "badDateOverflow",
  "badEmail",
  "badName",
  "badTagName",
  "badTimezone",
  "missingEmail",
  "missingNameBeforeEmail",
  "missingSpaceBeforeDate",
  "missingSpaceBeforeEmail",
  "missingTaggerEntry",
  "multipleAuthors",
  "zeroPaddedDate",
  "zeroPaddedFilemode",
];

/** Caches that speak for objects are not believed. */
export const unbelieved: readonly string[] = ["core.commitGraph=false", "core.multiPackIndex=false"];

/** Configuration of every call that writes or that talks to the server: all that comes in is checked. */
export function configFor(source: ConfigSource, url: GitUrl, way: GitWay): readonly string[] {
  return [
    ...harmless,
    ...unbelieved,
    "core.protectHFS=true",
    "core.protectNTFS=true",
    "submodule.recurse=false",
    "transfer.fsckObjects=true",
    ...harmlessSlips.map((slip) => `fetch.fsck.${slip}=ignore`),
    // One pack a fetch, so that its size can be bounded and no fetch leaves thousands of files.
    "fetch.unpackLimit=1",
    // A power cut after a fetch must leave a whole mirror (git 2.36; older ones sync packs only).
    "core.fsync=all",
    // Housekeeping in the background would outlive us: `prune` asks for it in the foreground.
    "gc.autoDetach=false",
    // Caches that speak for objects are not made either.
    "gc.writeCommitGraph=false",
    "repack.writeBitmaps=false",
    "maintenance.autoDetach=false",
    "advice.detachedHead=false",
    // Bytes per second, seconds: a server that died in mid-transfer. Keep-alives are a few bytes.
    "http.lowSpeedLimit=1",
    "http.lowSpeedTime=20",
    "http.sslVerify=true",
    // Empty, it also switches off what curl finds in the environment.
    ...(way.proxy === undefined || url.scheme === "ssh" ? ["http.proxy="] : []),
    "credential.helper=",
    ...credentials(source, url),
    ...(source.caFile === undefined ? [] : [`http.sslCAInfo=${source.caFile}`]),
  ];
}

/**
 * The credentials file, read only: git-credential-store by itself erases an entry that the server refused
 * once, and one bad minute of the server would cost the instance its credentials for good.
 */
function credentials(source: ConfigSource, url: GitUrl): readonly string[] {
  if (source.credentialsFile === undefined || url.scheme === "ssh" || url.scheme === "file") return [];
  const read = `${programs.git} credential-store --file=${quoted(source.credentialsFile)} get`;
  return [`credential.helper=!f() { if [ "$1" = get ]; then ${read}; fi; }; f`];
}

/** Without a known host the connection is refused, without a key of the settings root's own keys are tried. */
function sshCommand(source: ConfigSource, more: readonly string[]): string {
  const options = [
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    `UserKnownHostsFile=${sshPath(source.knownHostsFile ?? "/dev/null")}`,
    `GlobalKnownHostsFile=${source.knownHostsFile === undefined ? "/etc/ssh/ssh_known_hosts" : "/dev/null"}`,
    "UpdateHostKeys=no",
    "IdentitiesOnly=yes",
    "IdentityAgent=none",
    "ControlMaster=no",
    "ControlPath=none",
    "ClearAllForwardings=yes",
    "ConnectTimeout=10",
    "ServerAliveInterval=10",
    "ServerAliveCountMax=3",
    ...(source.sshKeyFile === undefined ? [] : [`IdentityFile=${sshPath(source.sshKeyFile)}`]),
    ...more,
  ];
  return [programs.ssh, "-F", "/dev/null", ...options.flatMap((option) => ["-o", option])].map(quoted).join(" ");
}

/** A path as a value of an ssh option, where spaces separate and `%` begins a token. */
function sshPath(path: string): string {
  return `"${path.replaceAll("%", "%%")}"`;
}

/** One word of a shell line. Needed where git itself insists on a shell. */
function quoted(word: string): string {
  return /^[A-Za-z0-9_./=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
