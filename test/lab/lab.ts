// The machine room: networks with machines that really boot. Use it inside `scripts/in-lab.ts`.
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";

import { createInstance, type Instance } from "./instance.ts";
import { bakeLayer } from "./machine/layer.ts";
import { type Files, identityFiles } from "./machine/root.ts";
import { createNetwork, firstInstance, type Network } from "./network.ts";
import { imageDirectory, type Suite } from "./prepare/image.ts";
import { run } from "./run.ts";

export interface BootOptions {
  /** The host name, `i1`, `i2`… if not said. */
  name?: string;
  /** The last number of its address, from `reserveHost`; the next free one if not said. */
  host?: number;
  suite?: Suite;
  /** The directory of another image than the suite's own. */
  image?: string;
  /** The text of /etc/muster/instance.yaml. */
  instance?: string;
  /** The text of /etc/muster/muster.yaml. */
  settings?: string;
  /** Files by absolute path, in the image before its first boot. */
  files?: Files;
  /** The agent, dist/muster if not said; `false` boots a machine without it. */
  binary?: string | false;
  /** The directory of its units, systemd/ if not said. */
  units?: string;
  /** Whether muster.service starts by itself; yes if not said. */
  enableMuster?: boolean;
  /** Lines for /etc/hosts. */
  hosts?: string;
  /** The resolver's address, `lab.address(5)` if not said. */
  nameserver?: string;
  /** The size of its disk, 4 if not said; it takes what it holds. */
  gigabytes?: number;
  /** Whatever else has to happen to the root before its first boot. */
  prepare?: (root: string) => Promise<void>;
}

export interface Lab extends AsyncDisposable {
  network: Network;
  /** For files of services and tests; in memory, gone with the lab. */
  directory: string;
  /** `10.66.LAB.HOST`. Hosts 2 to 9 are for services that the test starts. */
  address: (host: number) => string;
  /** A number that no other instance gets: what has to know an address before its instance boots. */
  reserveHost: () => number;
  /** Makes an instance and boots it, until systemd takes commands. */
  boot: (options?: BootOptions) => Promise<Instance>;
  /** Runs when the lab closes, the last one added first. */
  onClose: (work: () => Promise<void> | void) => void;
  close: () => Promise<void>;
}

const repository = resolve(import.meta.dirname, "../..");
const dnsHost = 5;

export async function createLab(): Promise<Lab> {
  const base = process.env["MUSTER_LAB"];
  if (base === undefined) throw new Error("not inside a lab: run this as `node scripts/in-lab.ts COMMAND`");
  const network = await createNetwork(base);
  const directory = join(base, `${network.number}`);
  const undo = new AsyncDisposableStack();
  undo.defer(network.close);
  let nextHost = firstInstance;
  const reserveHost = () => nextHost++;

  async function boot(options: BootOptions = {}): Promise<Instance> {
    const { host = reserveHost() } = options;
    const { name = `i${host - firstInstance + 1}` } = options;
    const instance = await createInstance({
      name,
      machine: `lab${network.number}-${name}`,
      directory: join(directory, name),
      network,
      host,
      layers: await layersFor(base ?? "", options),
      files: filesFor(options, name, network.address(host), network.address(dnsHost)),
      gigabytes: options.gigabytes ?? 4,
      prepare: async (root) => {
        const { binary, enableMuster = binary !== false, prepare } = options;
        if (enableMuster) await run(["systemctl", `--root=${root}`, "enable", "--quiet", "muster.service"]);
        await prepare?.(root);
      },
    });
    undo.use(instance);
    await instance.start();
    return instance;
  }

  const close = () => undo.disposeAsync();

  return {
    network,
    directory,
    address: network.address,
    reserveHost,
    boot,
    onClose: (work) => undo.defer(work),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function layersFor(base: string, options: BootOptions): Promise<string[]> {
  const { suite = "bookworm", binary = join(repository, "dist/muster"), units = join(repository, "systemd") } = options;
  const { image = imageDirectory(suite) } = options;
  if (!existsSync(image)) throw new Error(`no ${suite} image: run \`node scripts/lab-prepare.ts ${suite}\` first`);
  if (binary === false) return [image];
  if (!existsSync(binary)) throw new Error(`no ${binary}: run \`npm run build\` first`);
  const layers = join(base, "layers");
  await mkdir(layers, { recursive: true });
  return [await bakeLayer(layers, { binary, units }), image];
}

function filesFor(options: BootOptions, name: string, address: string, dns: string): Files {
  const { instance, settings, files = {}, hosts = "", nameserver = dns } = options;
  return {
    ...identityFiles(name, address, nameserver, hosts),
    ...(instance === undefined ? {} : { "/etc/muster/instance.yaml": instance }),
    ...(settings === undefined ? {} : { "/etc/muster/muster.yaml": settings }),
    ...files,
  };
}
