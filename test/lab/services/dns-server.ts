import { randomBytes } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { accepts, listenSilently, swallowDatagrams, type Listener } from "./network.ts";
import { run } from "../run.ts";
import { waitFor } from "../wait.ts";
import { startDaemon, type Daemon } from "./process.ts";

export interface DnsRecord {
  /** Fully qualified, without the final dot; in `startDnsServer`'s records relative to the zone. */
  name: string;
  /** In seconds. */
  ttl: number;
  type: string;
  /** As dig prints it: names end in a dot, texts stand in quotes. */
  data: string;
}

/** A real BIND: authoritative for one zone, takes TSIG-signed updates, answers NXDOMAIN at once to all else. */
export interface DnsServer {
  readonly address: string;
  readonly zone: string;
  /** Name of the key that may update. */
  readonly keyName: string;
  /** That key, in the format of `nsupdate -k`. */
  readonly keyFile: string;
  /** The same name and another secret: the server answers BADSIG. */
  readonly wrongKeyFile: string;
  /** A key that the server does not know: BADKEY. */
  readonly unknownKeyFile: string;
  /** The data of the records found; empty when there are none. Throws when the server gives no answer. */
  query(name: string, type: string): Promise<string[]>;
  /** The whole zone without its SOA and NS records. */
  records(): Promise<DnsRecord[]>;
  /** Answers REFUSED to every update, however signed, until it is called with false. */
  refuseUpdates(refuse: boolean): Promise<void>;
  /** What the server logged about updates, oldest first. */
  updateLog(): Promise<string[]>;
  /** The zone keeps its content across stop and start. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Takes queries and never answers, until `start` or `stop`. */
  blackhole(): Promise<void>;
}

export interface DnsServerOptions {
  address: string;
  dir: string;
  zone: string;
  records: readonly Omit<DnsRecord, "ttl">[];
  /** How many records a name and type may have, 0: any number; absent: BIND's own limit of 100. */
  recordsPerType?: number;
}

const keyName = "muster";

export async function startDnsServer(options: DnsServerOptions): Promise<DnsServer> {
  const { address, dir, zone } = options;
  const file = (name: string) => join(dir, name);
  const log = file("named.log");
  let daemon: Daemon | undefined;
  let silences: Listener[] = [];
  let refusing = false;

  await mkdir(dir, { recursive: true });
  await rm(file("zone.jnl"), { force: true });
  await writeFile(file("zone"), zoneFile(options));
  await writeFile(file("empty"), zoneFile({ ...options, zone: "", records: [] }));
  await writeFile(file("muster.key"), keyClause(keyName));
  await writeFile(file("wrong.key"), keyClause(keyName));
  await writeFile(file("unknown.key"), keyClause("stranger"));
  // Under its own path, AppArmor on Debian and Ubuntu lets named read nothing outside /etc/bind.
  // By a process of its own: a program that any child of this one still has open for writing cannot be started (ETXTBSY).
  await run(["cp", "/usr/sbin/named", file("named")]);

  const configure = () => writeFile(file("named.conf"), configuration(options, refusing));
  const dig = async (...args: string[]) =>
    (await run(["dig", `@${address}`, "+time=2", "+tries=1", "+nocmd", "+nocomments", "+nostats", ...args])).stdout;
  const answers = () => dig(zone, "SOA", "+short").then((soa) => soa !== "");

  async function stop(): Promise<void> {
    await daemon?.stop();
    await Promise.all(silences.map((silence) => silence.close()));
    daemon = undefined;
    silences = [];
  }

  async function start(): Promise<void> {
    await stop();
    await configure();
    daemon = await startDaemon({
      name: "named",
      command: file("named"),
      args: ["-4", "-g", "-n", "1", "-c", file("named.conf")],
      log,
      ready: async () => (await accepts(address, 53)) && (await answers()),
    });
  }

  await start();
  return {
    address,
    zone,
    keyName,
    keyFile: file("muster.key"),
    wrongKeyFile: file("wrong.key"),
    unknownKeyFile: file("unknown.key"),
    query: async (name, type) => linesOf(await dig(name, type, "+short")),
    records: async () => parseRecords(await dig(zone, "AXFR")),
    async refuseUpdates(refuse) {
      refusing = refuse;
      if (!daemon) return;
      await configure();
      const before = await countReloads(log);
      daemon.signal("SIGHUP");
      await waitFor(async () => (await countReloads(log)) > before, { what: "named has reloaded", timeout: 10_000 });
    },
    updateLog: async () => linesOf(await readFile(log, "utf8")).filter((line) => /updat/.test(line)),
    start,
    stop,
    async blackhole() {
      await stop();
      silences = [await listenSilently(address, [53]), await swallowDatagrams(address, 53)];
    },
  };
}

function configuration({ address, dir, zone, recordsPerType }: DnsServerOptions, refusing: boolean): string {
  return `include "${join(dir, "muster.key")}";
options {
  directory "${dir}";
  listen-on port 53 { ${address}; };
  listen-on-v6 { none; };
  pid-file none;
  session-keyfile none;
  recursion no;
  notify no;
  empty-zones-enable no;
  dnssec-validation no;
  allow-transfer { any; };
  ${recordsPerType === undefined ? "" : `max-records-per-type ${recordsPerType};`}
};
controls { };
zone "${zone}" {
  type primary;
  file "${join(dir, "zone")}";
  ${refusing ? "allow-update { none; };" : `allow-update { key ${keyName}; };`}
};
// The rest of the world exists nowhere: NXDOMAIN at once, instead of a resolver's time-outs.
zone "." {
  type primary;
  file "${join(dir, "empty")}";
};
`;
}

function zoneFile({ address, zone, records }: Pick<DnsServerOptions, "address" | "zone" | "records">): string {
  return [
    "$TTL 30",
    `$ORIGIN ${zone}.`,
    // Negative answers are remembered for a second (the last figure): tests look for a name before it is there.
    "@ SOA ns hostmaster 1 3600 600 86400 1",
    "@ NS ns",
    `ns A ${address}`,
    ...records.map(({ name, type, data }) => `${name} ${type} ${data}`),
    "",
  ].join("\n");
}

function keyClause(name: string): string {
  return `key "${name}" {\n\talgorithm hmac-sha256;\n\tsecret "${randomBytes(32).toString("base64")}";\n};\n`;
}

function parseRecords(axfr: string): DnsRecord[] {
  return linesOf(axfr)
    .map((line) => {
      const [, name = "", ttl = "", type = "", data = ""] = /^(\S+)\.\s+(\d+)\s+IN\s+(\S+)\s+(.*)$/.exec(line) ?? [];
      return { name, ttl: Number(ttl), type, data };
    })
    .filter(({ type }) => type !== "SOA" && type !== "NS");
}

async function countReloads(log: string): Promise<number> {
  return (await readFile(log, "utf8")).split("reloading zones succeeded").length;
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
