/** Why a proxy gave no connection. */
export type ProxyTrouble = {
  readonly code: "proxy-refused" | "proxy-unreachable";
  readonly words: string;
  readonly hint: string;
};

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

/** Of the runtime's code; undefined for one that says nothing about the proxy. */
export function unreachableByCode(code: string): ProxyTrouble | undefined {
  const words = unreachable.get(code);
  return words === undefined ? undefined : { code: "proxy-unreachable", words, hint: where };
}

export const lateProxy: ProxyTrouble = {
  code: "proxy-unreachable",
  words: "it gives no connection in time",
  hint: where,
};

/** Of the proxy's answer instead of a connection. @param hasUser whether it was told a user */
export function refusalOf(status: number, hasUser: boolean): ProxyTrouble {
  if (status === 407) {
    const what = hasUser ? "the user or password" : "requests without a password";
    return {
      code: "proxy-refused",
      words: `it refuses ${what} (HTTP 407)`,
      hint: "Its user and password belong into the file that proxy.credentials of the settings names, or into the variable.",
    };
  }
  return {
    code: "proxy-refused",
    words: `it refuses the connection to the server (HTTP ${status})`,
    hint: "Let the proxy connect to this server, or name the server in noProxy where it is reached without the proxy.",
  };
}
