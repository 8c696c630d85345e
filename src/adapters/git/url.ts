import { MusterError } from "../../domain/errors/errors.ts";
import { carriesPassword, parseGitUrl } from "../../domain/role/git-url.ts";
import type { GitUrl } from "../../domain/role/git-url.ts";

/** The URL of the settings, which have checked it. @throws MusterError `config-url-invalid` */
export function gitUrlOf(text: string): GitUrl {
  const url = parseGitUrl(text);
  if (url !== undefined && !carriesPassword(text)) return url;
  throw new MusterError({
    code: "config-url-invalid",
    message: `The settings' config.url cannot be used: ${scrub(text)}`,
    hint: "Use https://host/path, ssh://user@host/path, user@host:path or file:///path, without a password in it.",
  });
}

/** A URL, or text that quotes one, without a likely password or token. */
export function scrub(text: string): string {
  return text.replaceAll(/:\/\/[^/@\s'"]+@/g, "://");
}
