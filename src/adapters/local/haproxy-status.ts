/**
 * The meaning of HAProxy's `show stat` and `show servers state` for one server. Pure. Measured with HAProxy 2.6; the
 * formats are those of its management guide, sections 9.1 and 9.3.
 */
import { parseIpv6 } from "../../domain/instance/address.ts";
import type { GroupHealth, Target, TargetState } from "../../domain/membership/membership.ts";

/** One server of a backend. */
export type HaproxyServer = {
  /** `UP`, `DOWN`, `DRAIN`, `MAINT`, `NOLB` or `no check`; the rest (`UP 1/2`: on its way down) is in `trend`. */
  readonly status: string;
  readonly trend: string;
  /** Switched off by an administrator or by `add server`. */
  readonly maintenance: boolean;
  /** Gets no new connections. Separate from `status`, which says DOWN for a draining server whose check fails. */
  readonly draining: boolean;
  /** As `L7OK`, `L4CON`; empty while no check has run. */
  readonly check: string;
  /** The status code, or the check's finding. */
  readonly checkText: string;
  readonly connections: number;
  /** `10.0.0.5:80` or `[::1]:80`. */
  readonly address: string;
};

/** Bits of `srv_admin_state`. */
const maintenanceBits = 0x01 | 0x02 | 0x04 | 0x20 | 0x40;
const drainBits = 0x08 | 0x10;

/**
 * The servers of a backend, by name.
 * @param stat the answer to `show stat BACKEND 4 -1`
 * @param states the answer to `show servers state BACKEND`
 */
export function serversOf(stat: string, states: string, group: string): ReadonlyMap<string, HaproxyServer> {
  const admins = new Map(
    table(states.replace(/^\s*\d+\n/, ""), (line) => line.split(" "))
      .filter((one) => one["be_name"] === group)
      .map((one) => [one["srv_name"] ?? "", Number(one["srv_admin_state"])]),
  );
  const rows = table(stat, parseCsvLine).filter((one) => one["pxname"] === group);
  return new Map(
    rows.flatMap((row) => {
      const name = row["svname"] ?? "";
      const admin = admins.get(name);
      return admin === undefined ? [] : [[name, serverOf(row, admin)]];
    }),
  );
}

function serverOf(row: Readonly<Record<string, string>>, admin: number): HaproxyServer {
  const [status = "", trend = ""] = row["status"] === "no check" ? ["no check"] : (row["status"] ?? "").split(" ");
  return {
    status,
    trend,
    maintenance: (admin & maintenanceBits) !== 0,
    draining: (admin & drainBits) !== 0,
    // A running check is marked by `* ` before the former result.
    check: (row["check_status"] ?? "").replace(/^\* /, "").replace(/^INI$/, ""),
    checkText: plain(
      [row["check_code"], row["last_chk"]].filter((part) => part !== undefined && part !== "").join(" "),
    ),
    connections: Number(row["scur"] ?? 0),
    address: row["addr"] ?? "",
  };
}

/** Whether the last check passed; a passed check is L4OK, L6OK, L7OK or, conditionally, L7OKC. */
export function checkPassed(server: HaproxyServer): boolean {
  return /^L[467]OKC?$/.test(server.check);
}

/** Whether the server is registered as the target requires: present, with its checks. */
export function sameAddress(server: HaproxyServer, target: Target): boolean {
  const match = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(server.address);
  const host = match?.[1] === undefined ? match?.[2] : (parseIpv6(match[1]) ?? match[1]);
  return host === target.address && Number(match?.[3]) === target.port;
}

/** The health of the backend: servers that are switched off do not count. */
export function fares(servers: ReadonlyMap<string, HaproxyServer>, asking: Target): GroupHealth {
  const others = [...servers].filter(([name, { maintenance }]) => !isOf(asking.instance, name) && !maintenance);
  const healthy = others.filter(([, server]) => server.status === "UP" && checkPassed(server) && !server.draining);
  return { total: others.length + 1, healthyOthers: healthy.length };
}

/** Whether a server is this instance's: by its name, with or without a port. */
function isOf(instance: string, name: string): boolean {
  return name.startsWith(instance) && /^(-\d+)?$/.test(name.slice(instance.length));
}

/** The server's state in terms of membership. */
export function stateOf(server: HaproxyServer | undefined, target: Target): TargetState {
  if (server === undefined) return { kind: "absent" };
  if (!sameAddress(server, target)) return { kind: "wrong", reason: `registered at ${server.address}` };
  if (server.maintenance) return { kind: "wrong", reason: "in maintenance" };
  if (server.draining) return { kind: "draining", connections: server.connections };
  if (server.status === "no check") return { kind: "wrong", reason: "registered without a health check" };
  const reason = `HAProxy ${target.group}/${target.member}: ${server.status}, ${reasonOf(server)}`;
  if (server.check === "") return { kind: "starting", reason };
  if (server.status === "UP") return { kind: "healthy" };
  // `DOWN 1/2`: checks began to pass. `DOWN (agent)` and `NOLB 1/2` are no such beginning.
  const rises = server.status === "DOWN" && /^\d+\/\d+$/.test(server.trend);
  return { kind: rises ? "starting" : "unhealthy", reason };
}

const words: Readonly<Record<string, string>> = {
  SOCKERR: "socket error",
  L4OK: "layer-4 connection made",
  L4TOUT: "layer-4 connection timed out",
  L4CON: "layer-4 connection failed",
  L6OK: "layer-6 (TLS) check passed",
  L6TOUT: "layer-6 (TLS) handshake timed out",
  L6RSP: "layer-6 (TLS) handshake failed",
  L7OK: "layer-7 check passed",
  L7OKC: "layer-7 check passed conditionally",
  L7TOUT: "layer-7 check got no answer in time",
  L7RSP: "layer-7 check got an answer that is no valid one",
  L7STS: "layer-7 check got the wrong status",
};

function reasonOf(server: HaproxyServer): string {
  if (server.check === "") return "not checked yet";
  const what = words[server.check] ?? `check ${server.check}`;
  return server.checkText === "" ? what : `${what}: ${server.checkText}`;
}

/** A text of unknown servers, as one short line. */
function plain(text: string): string {
  return text
    .replaceAll(/[^\x20-\x7e]+/g, " ")
    .trim()
    .slice(0, 120);
}

/** Rows under a header line that begins with `# `. */
function table(text: string, split: (line: string) => readonly string[]): readonly Readonly<Record<string, string>>[] {
  const [header = "", ...lines] = text.split("\n").filter((line) => line !== "");
  if (!header.startsWith("# ")) return [];
  const names = split(header.slice(2));
  return lines.map((line) => {
    const values = split(line);
    return Object.fromEntries(names.map((name, at) => [name, values[at] ?? ""]));
  });
}

/** A line of CSV; a field that holds a comma or a quote stands in quotes, in which a quote is doubled. */
function parseCsvLine(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? "",
  );
}
