// What a tunnel through a proxy and the program that starts it say to each other.

/** The argument that makes this binary a tunnel. */
export const tunnelCommand = "proxy-tunnel";

/** The proxy, with user and password: no argument list shows it. curl's own, which main.ts lets pass. */
export const tunnelVariable = "all_proxy";

export const tunnelWords = { status: /^muster-tunnel: HTTP (\d{3})$/m, code: /^muster-tunnel: ([A-Z][A-Z0-9_]+)$/m };

export function statusLine(status: number): string {
  return `muster-tunnel: HTTP ${status}\n`;
}

export function codeLine(code: string): string {
  return `muster-tunnel: ${code}\n`;
}
