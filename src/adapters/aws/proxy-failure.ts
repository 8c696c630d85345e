import type { ErrorCode } from "../../domain/errors/error-codes.ts";
import { proxyText, type Proxy } from "../../domain/settings/proxy.ts";

/** Why the proxy stands between a call and AWS: the words follow the operation. */
export class ProxyFailure extends Error {
  override readonly name = "ProxyFailure";
  /** Of the runtime, where it has one: by some of them the SDK knows that another attempt may help. */
  readonly code: string;
  readonly kind: ErrorCode;
  readonly hint: string;

  constructor(kind: ErrorCode, words: string, hint: string, cause?: unknown) {
    super(words, { cause });
    this.kind = kind;
    this.hint = hint;
    this.code = codeOf(cause) ?? "EPROXY";
  }
}

const where = "Check the proxy's name and port where it is written, and that this machine reaches it.";

/** The codes of Node, which Bun gives as well: nodejs.org/api/errors.html, "Common system errors", "ERR_PROXY_TUNNEL". */
const unreachable: ReadonlyMap<string, string> = new Map([
  ["ENOTFOUND", "its name does not resolve"],
  ["EAI_AGAIN", "its name does not resolve"],
  ["EAI_FAIL", "its name does not resolve"],
  ["EAI_NODATA", "its name does not resolve"],
  ["EAI_NONAME", "its name does not resolve"],
  ["ECONNREFUSED", "it refuses the connection"],
  ["ENETUNREACH", "there is no route to it"],
  ["EHOSTUNREACH", "there is no route to it"],
  ["ENETDOWN", "there is no route to it"],
  ["ERR_PROXY_TUNNEL", "it breaks off, or is no HTTP proxy"],
  ["HPE_INVALID_CONSTANT", "it is no HTTP proxy"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "it speaks no TLS: is it http:// rather than https://?"],
  ["EPROTO", "it speaks no TLS: is it http:// rather than https://?"],
]);

/** An error of a request that went through a proxy: the proxy's, or as it was where the server may have caused it. */
export function throughProxy(proxy: Proxy, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof ProxyFailure) return error;
  if ("statusCode" in error && typeof error.statusCode === "number") return refusedByProxy(proxy, error.statusCode);
  const code = codeOf(error);
  // The SDK's limit on the connection, which includes the proxy's own to the server, has a name and no code.
  const isLate = code === undefined && error.name === "TimeoutError";
  const words = isLate ? "it gives no connection in time" : unreachable.get(code ?? "");
  if (words === undefined) return error;
  const said = `cannot be asked through the proxy ${proxyText(proxy)}: ${words}`;
  return new ProxyFailure("proxy-unreachable", said, where, error);
}

/** The proxy's answer instead of a connection. */
export function refusedByProxy(proxy: Proxy, status: number): ProxyFailure {
  const refuses = `cannot be asked: the proxy ${proxyText(proxy)} refuses`;
  if (status === 407) {
    const without = proxy.credentials === undefined;
    const hint =
      "Its user and password belong into the file that proxy.credentials of the settings names, or into the variable.";
    return new ProxyFailure(
      "proxy-refused",
      `${refuses} ${without ? "requests without a password" : "the user or password"} (HTTP 407)`,
      hint,
    );
  }
  const hint = "Let the proxy connect to AWS's endpoints, or name them in noProxy where they are reached without it.";
  return new ProxyFailure("proxy-refused", `${refuses} the connection to the endpoint (HTTP ${status})`, hint);
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  return error.code === "" ? undefined : error.code;
}
