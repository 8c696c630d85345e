/** How a config repo is reached. */
export type GitUrl = {
  /** As it was written, and as git gets it. */
  readonly text: string;
  readonly scheme: "https" | "http" | "ssh" | "file";
  /** Empty for `file`. */
  readonly host: string;
  /** The port to connect to; 0 for `file`. */
  readonly port: number;
};

const defaultPorts = { https: 443, http: 80, ssh: 22, file: 0 } as const;

/**
 * Reads the URL of a config repo. Four schemes are allowed: all others that git knows (`ext::`, a plain path, `git://`,
 * a helper's name) run programs or do not authenticate the server. A host or user that begins with a dash would be an
 * option to ssh.
 */
export function parseGitUrl(text: string): GitUrl | undefined {
  if (/[\s\p{C}]/u.test(text)) return undefined;
  const scp = /^\w[\w.-]*@([A-Za-z0-9][\w.-]*):(?!:|\/\/|-).+$/.exec(text);
  if (scp !== null) return { text, scheme: "ssh", host: scp[1] ?? "", port: defaultPorts.ssh };
  const scheme = /^(https|http|ssh|file):\/\//.exec(text)?.[1];
  if (!isScheme(scheme) || !URL.canParse(text)) return undefined;
  const { hostname, username, port } = new URL(text);
  if (scheme === "file") return hostname === "" ? { text, scheme, host: "", port: 0 } : undefined;
  if (!/^[A-Za-z0-9[]/.test(hostname) || username.startsWith("-")) return undefined;
  const host = hostname.replaceAll(/^\[|\]$/g, "");
  return { text, scheme, host, port: port === "" ? defaultPorts[scheme] : Number(port) };
}

/**
 * Whether the URL holds a password, or a token in place of the user, which git hosts accept too: process lists, logs
 * and errors would show it.
 */
export function carriesPassword(text: string): boolean {
  if (/^\w+:\/\/[^/@:]*:[^/@]*@/.test(text)) return true;
  const user = /^https?:\/\/([^/@]*)@/.exec(text)?.[1] ?? "";
  return /^(gh[pousr]_|github_pat_|gl(pat|dt|cbt|ptt|soat)-)/.test(user) || /^(?=\D*\d)[A-Za-z0-9]{32,}$/.test(user);
}

function isScheme(scheme: string | undefined): scheme is GitUrl["scheme"] {
  return scheme !== undefined && Object.hasOwn(defaultPorts, scheme);
}
