import type { GitUrl } from "../../domain/role/git-url.ts";
import { MusterError } from "../../domain/errors/errors.ts";
import { proxyText, proxyUrl, type Proxy } from "../../domain/settings/proxy.ts";
import type { Proxies } from "../host/proxies.ts";
import { refusalOf, unreachableByCode, type ProxyTrouble } from "../host/proxy-words.ts";
import { tunnelVariable, tunnelWords } from "../host/tunnel-words.ts";
import { scrub } from "./url.ts";

/** What one call of git does to reach the server. */
export type GitWay = {
  readonly proxy?: Proxy;
  readonly env: Readonly<Record<string, string>>;
  /** Options of ssh. */
  readonly ssh: readonly string[];
};

/**
 * Through a proxy, where there is one to this server. git's http takes it from curl's variables, ssh runs a program:
 * neither has the password in an argument list.
 * @param tunnel the command that connects to `%h` at port `%p` through the proxy of {@link tunnelVariable}
 * @throws MusterError `proxy-credentials-invalid`
 */
export function wayTo(url: GitUrl, proxies: Proxies, tunnel: readonly string[]): GitWay {
  const proxy = proxyTo(url, proxies);
  if (proxy === undefined) return { env: {}, ssh: [] };
  if (url.scheme !== "ssh") return { proxy, env: proxies.environment(), ssh: [] };
  // As the unit has it: the sandbox of the daemon, which its children are in, forbids the runtime's compilers.
  const env = { [tunnelVariable]: proxyUrl(proxy), BUN_JSC_useJIT: "0" };
  return { proxy, env, ssh: [`ProxyCommand=${tunnel.join(" ")} %h %p`] };
}

/** The proxy to the server of the config repo. */
export function proxyTo({ scheme, host, port }: GitUrl, proxies: Proxies): Proxy | undefined {
  return scheme === "file" ? undefined : proxies.to(scheme, host, port);
}

/** As the mirror has it. */
type Asked = { readonly url: GitUrl; readonly proxy?: () => Proxy | undefined };

/** curl's words for an answer of the proxy, of versions from 7.29 on. */
const statuses = /HTTP code (\d{3}) from proxy|CONNECT tunnel failed, response (\d{3})|returned error: (407)\b/;

/** Why the proxy kept git from the server, by what git and its programs printed; undefined if it did not. */
export function proxyFailure({ url, proxy: find }: Asked, stderr: string): MusterError | undefined {
  const proxy = find?.();
  if (proxy === undefined) return undefined;
  const status = statuses.exec(stderr)?.slice(1).find(Boolean) ?? tunnelWords.status.exec(stderr)?.[1];
  if (status !== undefined) return unproxied(url, proxy, refusalOf(Number(status), proxy.credentials !== undefined));
  const code = tunnelWords.code.exec(stderr)?.[1] ?? codeIn(stderr);
  const trouble = code === undefined ? undefined : unreachableByCode(code);
  return trouble === undefined ? undefined : unproxied(url, proxy, trouble);
}

/** curl connects to the proxy alone. */
function codeIn(stderr: string): string | undefined {
  if (/Could not resolve proxy/.test(stderr)) return "ENOTFOUND";
  if (/Failed to connect to|Couldn't connect to server/.test(stderr)) return "ECONNREFUSED";
  return /Proxy CONNECT aborted/.test(stderr) ? "ERR_PROXY_TUNNEL" : undefined;
}

/** A failure of the proxy, in the words of a fetch. */
export function unproxied(url: GitUrl, proxy: Proxy, { code, words, hint }: ProxyTrouble): MusterError {
  const message = `The config repo ${scrub(url.text)} cannot be fetched through the proxy ${proxyText(proxy)}: ${words}`;
  return new MusterError({ code, message, hint, transient: true });
}
