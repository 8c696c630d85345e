import { MusterError } from "../../domain/errors.ts";

/** How a config repo is reached. */
export type GitUrl = {
  /** As git gets it. */
  readonly text: string;
  readonly scheme: "https" | "http" | "ssh" | "file";
  /** Empty for `file`. */
  readonly host: string;
  /** The port to connect to; 0 for `file`. */
  readonly port: number;
};

const defaultPorts = { https: 443, http: 80, ssh: 22, file: 0 } as const;

/**
 * Reads the URL of the settings. Only four schemes exist: whatever else git would understand (`ext::`,
 * a plain path, `git://`, a helper's name) runs programs or is not authenticated.
 * @throws MusterError `config-url-invalid`
 */
export function parseGitUrl(text: string): GitUrl {
  const scp = /^(?:[A-Za-z0-9._-]+@)?([A-Za-z0-9][A-Za-z0-9.-]*):(?![/:])[^\s]+$/.exec(text);
  if (scp !== null && !/^(https?|ssh|file|git|ftps?|ext|fd):/.test(text)) {
    return { text, scheme: "ssh", host: scp[1] ?? "", port: defaultPorts.ssh };
  }
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = parsed?.protocol.slice(0, -1);
  if (parsed === undefined || !isScheme(scheme) || !text.startsWith(`${scheme}://`)) throw invalid(text);
  if (scheme !== "file" && !/^[A-Za-z0-9[]/.test(parsed.hostname)) throw invalid(text);
  if (parsed.password !== "") throw invalid(text);
  const host = parsed.hostname.replace(/^\[|\]$/g, "");
  return { text, scheme, host, port: parsed.port === "" ? defaultPorts[scheme] : Number(parsed.port) };
}

/** A URL, or text that quotes one, without what could be a password or a token. */
export function scrub(text: string): string {
  return text.replaceAll(/:\/\/[^/@\s'"]+@/g, "://");
}

function isScheme(scheme: string | undefined): scheme is GitUrl["scheme"] {
  return scheme !== undefined && Object.hasOwn(defaultPorts, scheme);
}

function invalid(text: string): MusterError {
  return new MusterError({
    code: "config-url-invalid",
    message: `The settings' config.url cannot be used: ${scrub(text)}`,
    hint: "Use https://host/path, ssh://user@host/path, user@host:path or file:///path, without a password in it.",
  });
}
