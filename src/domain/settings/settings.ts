import type { Cloud } from "../instance/instance.ts";
import type { ProxySettings } from "./proxy.ts";

/** The values that a tag may steer, by the word after the prefix. */
export const steerable = ["role", "environment", "ref", "dns", "weight", "pause"] as const;

export type Steerable = (typeof steerable)[number];

/** The tag of exactly this key, which templates of the catalogue may use as `{tag.KEY}`. */
export type TrustedKey = `tag.${string}`;

/** The trust that the settings place in tags. */
export type Trusted = Steerable | TrustedKey;

export function isTrusted(word: string): word is Trusted {
  return steerable.some((known) => known === word) || /^tag\.[^{}]{1,128}$/.test(word);
}

/** `/etc/muster/muster.yaml` and `conf.d/*.yaml`, validated, defaults filled in. Paths are absolute. */
export type Settings = {
  readonly cloud: Cloud;
  readonly config: ConfigSource;
  readonly tags: {
    readonly prefix: string;
    /** Which tags may steer, and which templates may use; others under the prefix have no effect and are reported. */
    readonly trust: readonly Trusted[];
  };
  readonly dns: {
    /** Zones in which a tag may name this instance; empty: none. */
    readonly zones: readonly TagZone[];
  };
  /** Used if no trusted tag sets it. */
  readonly defaults: {
    readonly role?: string;
    readonly environment?: string;
  };
  /** `abandon`: a waiting launch hook is told to replace the instance. */
  readonly onFailure: "hold" | "abandon";
  readonly lifecycle: {
    /** Globs (`*`) of the names of muster's hooks in an Auto Scaling group; absent: the only hook of a transition. */
    readonly hooks?: readonly string[];
  };
  readonly clock: {
    /** How long the first gate waits for a synchronised clock before it goes on with a notice, in milliseconds. */
    readonly waitMs: number;
  };
  readonly retry: {
    /** Between two runs of a held instance. */
    readonly held: { readonly firstMs: number; readonly maxMs: number };
  };
  /** `plain`: a story for the journal of systemd, JSON lines to a file. `json`: JSON lines to standard output. */
  readonly log: "plain" | "json";
  readonly metrics: {
    /** For the textfile collector of node_exporter, absolute. */
    readonly textfile?: string;
    /** Where metrics and health are served over HTTP, to this machine alone. */
    readonly listen?: { readonly host: string; readonly port: number };
  };
  readonly aws: {
    readonly credentials: CredentialSourceName;
  };
  readonly proxy: ProxySettings;
  /** Of the local cloud; empty on all others. */
  readonly local: {
    /** HAProxy's runtime API; absent: no balancer can be joined. */
    readonly haproxy?: { readonly socket: SocketAddress };
    /** The server that takes signed dynamic updates; absent: no record can be published. */
    readonly dns?: {
      readonly server: string;
      readonly port: number;
      /** A TSIG key file as `tsig-keygen` writes it. Never read into logs or argument lists. */
      readonly keyFile: string;
    };
  };
};

/** The source of credentials for AWS: the instance role alone, or the first that the SDK's chain finds. */
export const credentialSources = ["instance", "chain"] as const;

export type CredentialSourceName = (typeof credentialSources)[number];

/** A zone in which tags may name instances. */
export type TagZone = {
  readonly zone: string;
  /** Which names, relative to the zone; `*` is any text within a label, `@` the zone itself. */
  readonly names: readonly string[];
  /** Seconds. */
  readonly ttl: number;
  /** How the instances of such a name share it; the same for all, because policies do not mix. */
  readonly routing: "multivalue" | "weighted";
  /** On Route 53: which zone, where a public and a private one have the same name. */
  readonly visibility?: "public" | "private";
  /** On Route 53: the id of the zone. */
  readonly zoneId?: string;
  /** On Route 53: the ARN of the role that reaches a zone of another account, and its external id. */
  readonly assumeRole?: string;
  readonly externalId?: string;
};

export type SocketAddress = { readonly path: string } | { readonly host: string; readonly port: number };

/** The source of the configuration, and the trust in it. */
export type ConfigSource = {
  /** `https://`, `http://` (refused unless `allowPlainHttp`), `ssh://`, `user@host:path` or `file://`. Carries no password. */
  readonly url: string;
  /** The ref when no tag and no command asks for another. */
  readonly ref: string;
  /** Globs of branches and tags that may be asked for; a commit has to be reachable from one of them. */
  readonly refs: readonly string[];
  /** How long fetching is retried before the run is held, in milliseconds. */
  readonly deadlineMs: number;
  /** How often the server is asked for a new commit, in milliseconds; absent: by the role's schedule alone. */
  readonly pollMs?: number;
  /** Private key for ssh. */
  readonly sshKeyFile?: string;
  /** Host keys for ssh; without it `/etc/ssh/ssh_known_hosts` has to know the host: a new host key is never accepted blindly. */
  readonly knownHostsFile?: string;
  /** In the format of git-credential-store; for https. */
  readonly credentialsFile?: string;
  /** A CA bundle that signs the git server's certificate. */
  readonly caFile?: string;
  /** ssh allowed signers: every commit that is applied has to carry a signature by one of them. */
  readonly allowedSignersFile?: string;
  /** A commit that every commit that is applied has to descend from. */
  readonly since?: string;
  /** Whether a branch may be moved to a commit that does not contain the one applied last. */
  readonly allowRewrite: boolean;
};

/**
 * The files that prove the identity of this machine, or decide which keys to trust, each behind the key of the settings
 * that names it.
 */
export function trustedFilesOf(source: ConfigSource): readonly (readonly [key: string, file: string])[] {
  const named = [
    ["config.ssh.key", source.sshKeyFile],
    ["config.ssh.knownHosts", source.knownHostsFile],
    ["config.https.credentials", source.credentialsFile],
    ["config.https.ca", source.caFile],
    ["config.signers", source.allowedSignersFile],
  ] as const;
  return named.flatMap(([key, file]) => (file === undefined ? [] : [[key, file] as const]));
}

/**
 * Where each value of the settings was written, as `file:line:column`, by its path (`config.url`); a list is one value.
 * A value without an entry is a default.
 */
export type Provenance = ReadonlyMap<string, string>;

/** A value and where it came from, as `tag muster:role` or `settings /etc/muster/muster.yaml:4:3`. */
export type Sourced<T> = {
  readonly value: T;
  readonly from: string;
};

/** A name that a tag asks for, in a zone where the settings allow it. */
export type TagName = Omit<TagZone, "names"> & {
  /** Absolute, lower case, without a trailing dot. */
  readonly name: string;
  /** The key of the tag. */
  readonly tag: string;
};

/** The names that tags ask for on this instance. */
export type TagNaming = {
  /** Absent: none. */
  readonly names?: readonly TagName[];
  /** Of every weighted record, from 0 to 255; absent: as the catalogue says. */
  readonly weight?: Sourced<number>;
};

/** The values that settings, tags and the command line together select for this instance. */
export type Selection = TagNaming & {
  readonly role: Sourced<string>;
  readonly environment: Sourced<string>;
  readonly ref: Sourced<string>;
  /** Tags without permission to steer: shown in status and in the log. */
  readonly refused: readonly { readonly key: string; readonly why: string }[];
};
