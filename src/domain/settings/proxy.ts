import { parseIpv4, parseIpv6 } from "../instance/address.ts";
import { isDnsName } from "../role/names.ts";

/** `proxy` of the settings. */
export type ProxySettings = {
  /** For https and ssh; as `http://proxy:3128`. */
  readonly https?: string;
  /** For http. */
  readonly http?: string;
  /** Where none is used; absent: what the environment says. */
  readonly noProxy?: readonly string[];
  /** A file with `USER:PASSWORD` for these proxies. Never read into logs or argument lists. */
  readonly credentials?: string;
};

/** An HTTP proxy. */
export type Proxy = {
  /** How the proxy itself is spoken to. */
  readonly scheme: "http" | "https";
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** `USER:PASSWORD`, never shown. */
  readonly credentials?: string;
  /** Where it was written, as `HTTPS_PROXY` or `proxy.https`. */
  readonly from: string;
};

/** curl's: everything.curl.dev/usingcurl/proxies/http. */
const usualPorts = { http: 1080, https: 443 } as const;

const form = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:([^/]*)@)?(\[[0-9a-f:.]+\]|[^\s:/@[\]?#]+)(?::(\d{1,5}))?\/?$/i;

/** Reads a proxy as curl does: without a scheme it is `http`. Undefined for what is none, and for other kinds of proxies. */
export function parseProxy(text: string, from: string): Proxy | undefined {
  if (/[\s\p{Cc}]/u.test(text)) return undefined;
  const [, scheme = "http", user, written = "", port] = form.exec(text) ?? [];
  const known = scheme.toLowerCase();
  if (known !== "http" && known !== "https") return undefined;
  const host = written.startsWith("[") ? parseIpv6(written.slice(1, -1)) : (parseIpv4(written) ?? nameOf(written));
  const number = port === undefined ? usualPorts[known] : Number(port);
  if (host === undefined || number < 1 || number > 65_535) return undefined;
  const credentials = user === undefined ? undefined : decoded(user);
  if (user !== undefined && credentials === undefined) return undefined;
  const at = { scheme: known, host, port: number, from } as const;
  return credentials === undefined || credentials === "" ? at : { ...at, credentials };
}

/** Whether the settings may hold it: with scheme and port, and without a user. */
export function isProxyOfSettings(text: string): boolean {
  const proxy = parseProxy(text, "");
  return proxy !== undefined && /^https?:\/\//.test(text) && /:\d+\/?$/.test(text) && !text.includes("@");
}

/** For people: where it is and where it was written, without its credentials. */
export function proxyText(proxy: Proxy): string {
  return `${proxy.scheme}://${hostAndPort(proxy)} (${proxy.from})`;
}

/** As a URL with its credentials: for the environment of a child or a library, and for nothing that is shown. */
export function proxyUrl(proxy: Proxy): string {
  const { scheme, credentials } = proxy;
  if (credentials === undefined) return `${scheme}://${hostAndPort(proxy)}`;
  const colon = credentials.indexOf(":");
  const [user, password] = colon < 0 ? [credentials] : [credentials.slice(0, colon), credentials.slice(colon + 1)];
  const both = password === undefined ? [user] : [user, password];
  return `${scheme}://${both.map(encoded).join(":")}@${hostAndPort(proxy)}`;
}

function hostAndPort({ host, port }: Pick<Proxy, "host" | "port">): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Also the marks that encodeURIComponent leaves, which shells and systemd read in their own way. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*~]/g,
    (mark) => `%${(mark.codePointAt(0) ?? 0).toString(16).toUpperCase()}`,
  );
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** A name or an address where the proxy is not used. */
export type Exemption = { readonly port?: number } & (
  | { readonly kind: "all" }
  /** The name, and all below it. */
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "network"; readonly address: string; readonly family: "ipv4" | "ipv6"; readonly bits: number }
);

/**
 * One entry of a list: `*`, a name with or without a dot before it, an address, a network; each with or without a port.
 * Undefined for what is none. curl(1), --noproxy.
 */
export function parseExemption(text: string): Exemption | undefined {
  if (text === "*") return { kind: "all" };
  const whole = networkOf(text);
  if (whole !== undefined) return whole;
  const bracketed = /^\[([^\]]+)\](\/\d+)?(?::(\d{1,5}))?$/.exec(text);
  const [, host = "", bits = "", port] = bracketed ?? /^([^:/]+)(\/\d+)?(?::(\d{1,5}))?$/.exec(text) ?? [];
  const place = networkOf(host + bits) ?? (bracketed === null && bits === "" ? domainOf(host) : undefined);
  if (place === undefined || port === undefined) return place;
  return Number(port) >= 1 && Number(port) <= 65_535 ? { ...place, port: Number(port) } : undefined;
}

function networkOf(text: string): Exemption | undefined {
  const [, written = "", bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const [four, six] = [parseIpv4(written), parseIpv6(written)];
  const [family, address, most] = four === undefined ? (["ipv6", six, 128] as const) : (["ipv4", four, 32] as const);
  const length = bits === undefined ? most : Number(bits);
  return address === undefined || length > most ? undefined : { kind: "network", address, family, bits: length };
}

function domainOf(text: string): Exemption | undefined {
  const name = nameOf(text.replace(/^(?:\*?\.)/, "").replace(/\.$/, ""));
  return name === undefined ? undefined : { kind: "name", name };
}

function nameOf(text: string): string | undefined {
  return isDnsName(text) && !/^[\d.]+$/.test(text) ? text.toLowerCase() : undefined;
}
