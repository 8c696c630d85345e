// moto, the AWS emulator that the front stands before: Debian's own package, in a tree of its own.
import { existsSync } from "node:fs";
import { join } from "node:path";

import { type Daemon, startDaemon } from "../services/process.ts";
import type { Lock } from "./lock.ts";
import { prepareTree, programsRecipe, treeDirectory } from "./tree.ts";

// moto_server does not start without flask-cors, and Debian's package only suggests it.
const packages = ["python3-moto", "python3-flask-cors", "python3-openapi-spec-validator"];
const suite = "trixie";

export interface Moto {
  /** `http://ADDRESS:PORT` */
  readonly endpoint: string;
  /** Forgets every resource, and switches IAM off again. */
  reset(): Promise<void>;
  /** From the next call on, moto checks signatures and policies. */
  enforceIam(): Promise<void>;
  relaxIam(): Promise<void>;
  stop(): Promise<void>;
}

/** An emulator that is running already, used instead of moto of our own: `http://127.0.0.1:5000`. */
export function givenEndpoint(): string | undefined {
  return process.env["MUSTER_LAB_AWS_ENDPOINT"];
}

/** Builds the tree where it is missing (about a minute and 400 MB, once); nothing where an endpoint is given. */
export function prepareMoto(say: (line: string) => void): Lock[] {
  return givenEndpoint() === undefined ? [prepareTree("moto", motoDirectory(), recipe, say)] : [];
}

/** Starts moto on an address of the lab; it ends with its caller's lab. */
export async function startMoto(options: { address: string; port: number; dir: string }): Promise<Moto> {
  const given = givenEndpoint();
  if (given !== undefined) return motoAt(given.replace(/\/+$/, ""));
  const { address, port, dir } = options;
  const tree = motoDirectory();
  if (!existsSync(tree)) throw new Error("no moto: run `node scripts/lab-prepare.ts moto` first");
  const endpoint = `http://${address}:${port}`;
  const daemon = await startDaemon({
    name: "moto",
    command: "chroot",
    args: [tree, "moto_server", "-H", address, "-p", String(port)],
    log: join(dir, "moto.log"),
    ready: async () => (await fetch(`${endpoint}/moto-api/`, { signal: AbortSignal.timeout(1_000) })).ok,
    seconds: 60,
    // The tree is shared by every lab and stays as it was built. The clean locale is the one that it has.
    env: { PYTHONDONTWRITEBYTECODE: "1", LC_ALL: "C.UTF-8", PATH: "/usr/bin:/bin:/usr/sbin:/sbin", HOME: "/root" },
  });
  return motoAt(endpoint, daemon);
}

function motoAt(endpoint: string, daemon?: Daemon): Moto {
  async function tell(path: string, body: string): Promise<void> {
    const response = await fetch(`${endpoint}/moto-api/${path}`, {
      method: "POST",
      body,
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) throw new Error(`moto answered ${response.status} to ${path}`);
  }
  // So many calls from now on are not checked.
  const relaxIam = () => tell("reset-auth", "1000000000");
  return {
    endpoint,
    async reset() {
      await tell("reset", "");
      await relaxIam();
    },
    enforceIam: () => tell("reset-auth", "0"),
    relaxIam,
    stop: async () => daemon?.stop(),
  };
}

function motoDirectory(): string {
  return treeDirectory("moto", recipe(""));
}

function recipe(target: string): string[] {
  return programsRecipe(suite, packages, target);
}
