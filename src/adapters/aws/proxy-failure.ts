import type { ErrorCode } from "../../domain/errors/error-codes.ts";
import { proxyText, type Proxy } from "../../domain/settings/proxy.ts";
import { lateProxy, refusalOf, unreachableByCode, type ProxyTrouble } from "../host/proxy-words.ts";

/** Why the proxy stands between a call and AWS: the message follows the operation. */
export class ProxyFailure extends Error {
  override readonly name = "ProxyFailure";
  /** Of the runtime, where it has one: by some of them the SDK knows that another attempt may help. */
  readonly code: string;
  readonly kind: ErrorCode;
  readonly hint: string;

  constructor(proxy: Proxy, { code, words, hint }: ProxyTrouble, cause?: unknown) {
    super(`cannot be asked through the proxy ${proxyText(proxy)}: ${words}`, { cause });
    this.kind = code;
    this.hint = hint;
    this.code = codeOf(cause) ?? "EPROXY";
  }
}

/** An error of a request that went through a proxy: the proxy's, or as it was where the server may have caused it. */
export function throughProxy(proxy: Proxy, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof ProxyFailure) return error;
  if ("statusCode" in error && typeof error.statusCode === "number") return refusedByProxy(proxy, error.statusCode);
  const code = codeOf(error);
  // The SDK's limit on the connection, which includes the proxy's own to the server, has a name and no code.
  const isLate = code === undefined && error.name === "TimeoutError";
  const trouble = isLate ? lateProxy : unreachableByCode(code ?? "");
  return trouble === undefined ? error : new ProxyFailure(proxy, trouble, error);
}

/** The proxy's answer instead of a connection. */
export function refusedByProxy(proxy: Proxy, status: number): ProxyFailure {
  return new ProxyFailure(proxy, refusalOf(status, proxy.credentials !== undefined));
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  return error.code === "" ? undefined : error.code;
}
