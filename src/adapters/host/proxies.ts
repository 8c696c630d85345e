import { readFileSync } from "node:fs";
import { BlockList, isIP } from "node:net";
import { MusterError } from "../../domain/errors/errors.ts";
import { said } from "../../domain/settings/environment-values.ts";
import {
  parseExemption,
  parseProxy,
  proxyUrl,
  type Exemption,
  type Proxy,
  type ProxySettings,
} from "../../domain/settings/proxy.ts";
import { requireGuarded } from "./guarded-file.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What goes through a proxy: by the scheme of a URL. */
export type Proxied = "https" | "http" | "ssh";

/** The proxies of this machine, of its settings before those of its environment. */
export type Proxies = {
  /**
   * The proxy to a server; undefined where there is none, or where the server is exempt, as loopback and the metadata are.
   * @throws MusterError `proxy-credentials-invalid`
   */
  to(scheme: Proxied, host: string, port: number): Proxy | undefined;
  /**
   * For programs that find their servers themselves: curl's variables, in both spellings. Empty without a proxy. They may
   * hold a password, and so do not belong into an argument list or a unit that others can read.
   * @throws MusterError `proxy-credentials-invalid`
   */
  environment(): Readonly<Record<string, string>>;
};

/** Never through a proxy, which would answer for itself: this machine, and what is linked to it (the metadata). */
const never = ["localhost", "127.0.0.0/8", "::1", "169.254.0.0/16", "fe80::/10", "fd00:ec2::254"] as const;
/** The same for programs that know no networks: curl before 7.86, apt. */
const neverOthers = ["localhost", "127.0.0.1", "::1", "169.254.169.254", "fd00:ec2::254"] as const;

/**
 * @param env curl's variables (curl.se/docs/manpage.html, "ENVIRONMENT"): lower case wins, `HTTP_PROXY` does not count
 * @throws MusterError `environment-malformed` for a variable that names no proxy; its value is not told
 */
export function createProxies(settings: ProxySettings, env: Environment): Proxies {
  const ofAll = proxyOf(env, ["all_proxy", "ALL_PROXY"]);
  const own = { https: ofSettings(settings, "https"), http: ofSettings(settings, "http") };
  const servers: Readonly<Record<Proxied, Proxy | undefined>> = {
    https: own.https ?? proxyOf(env, ["https_proxy", "HTTPS_PROXY"]) ?? ofAll,
    http: own.http ?? proxyOf(env, ["http_proxy"]) ?? ofAll,
    // To curl HTTPS_PROXY is for https alone.
    ssh: own.https ?? ofAll,
  };
  const listed = settings.noProxy ?? (said(env, "no_proxy") ?? said(env, "NO_PROXY") ?? "").split(/[\s,]+/);
  const exempt = [...never, ...listed].flatMap((entry) => parseExemption(entry) ?? []);

  function withCredentials(proxy: Proxy | undefined): Proxy | undefined {
    const file = settings.credentials;
    const isOwn = proxy !== undefined && (proxy === own.https || proxy === own.http);
    return isOwn && file !== undefined ? { ...proxy, credentials: readCredentials(file) } : proxy;
  }

  return {
    to: (scheme, host, port) =>
      exempt.some((each) => isExempt(each, host, port)) ? undefined : withCredentials(servers[scheme]),
    environment() {
      const [https, http] = [withCredentials(servers.https), withCredentials(servers.http)];
      if ((https ?? http) === undefined || exempt.some(({ kind, port }) => kind === "all" && port === undefined))
        return {};
      const list = [...neverOthers, ...listed.filter((entry) => parseExemption(entry) !== undefined)].join(",");
      return {
        ...(https === undefined ? {} : bothCases("https_proxy", proxyUrl(https))),
        ...(http === undefined ? {} : bothCases("http_proxy", proxyUrl(http))),
        ...bothCases("no_proxy", list),
      };
    },
  };
}

function ofSettings(settings: ProxySettings, key: "https" | "http"): Proxy | undefined {
  const text = settings[key];
  return text === undefined ? undefined : parseProxy(text, `proxy.${key}`);
}

function proxyOf(env: Environment, names: readonly string[]): Proxy | undefined {
  const name = names.find((each) => said(env, each) !== undefined);
  const text = name === undefined ? undefined : said(env, name);
  if (name === undefined || text === undefined) return undefined;
  const proxy = parseProxy(text, name);
  if (proxy !== undefined) return proxy;
  const socks = /^socks\w*(?=:)/i.exec(text)?.[0];
  throw new MusterError({
    code: "environment-malformed",
    message: `The variable ${name} names no HTTP proxy such as http://proxy:3128${socks === undefined ? "" : ` (${socks} is another kind)`}. Its value is not told, because it may hold a password`,
    hint: "Correct or remove it: systemctl cat muster shows the drop-in that sets it, env the shell's own. In a user or password write each of : / @ % as its code, such as %40 for @.",
  });
}

function readCredentials(file: string): string {
  requireGuarded(file);
  const text = read(file);
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  if (lines.length !== 1 || !/^[^:\p{Cc}]+:\P{Cc}+$/u.test(lines[0] ?? ""))
    throw unusable(file, "holds no single line USER:PASSWORD");
  return lines[0] ?? "";
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw unusable(
      file,
      `cannot be read (${error instanceof Error && "code" in error ? String(error.code) : "unknown"})`,
    );
  }
}

function unusable(file: string, why: string): MusterError {
  return new MusterError({
    code: "proxy-credentials-invalid",
    message: `The proxy cannot be used: ${file}, which proxy.credentials of the settings names, ${why}`,
    hint: `Write one line USER:PASSWORD into it, for root alone: chmod 600 ${file}.`,
    transient: true,
  });
}

function isExempt(exemption: Exemption, host: string, port: number): boolean {
  if (exemption.port !== undefined && exemption.port !== port) return false;
  const bare = host.replaceAll(/^\[|\]$/g, "");
  const family = isIP(bare);
  switch (exemption.kind) {
    case "all":
      return true;
    case "name": {
      const name = bare.toLowerCase().replace(/\.$/, "");
      return family === 0 && (name === exemption.name || name.endsWith(`.${exemption.name}`));
    }
    case "network": {
      if (family !== (exemption.family === "ipv4" ? 4 : 6)) return false;
      const network = new BlockList();
      network.addSubnet(exemption.address, exemption.bits, exemption.family);
      return network.check(bare, exemption.family);
    }
  }
}

function bothCases(name: string, value: string): Readonly<Record<string, string>> {
  return { [name]: value, [name.toUpperCase()]: value };
}
