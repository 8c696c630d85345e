// What a boot needs around it: AWS with one target group and one zone, git with the example's config repo, and apt.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { stringify } from "yaml";

import type { EmulatedInstance } from "../../test/lab/aws-front/fleet.ts";
import { type Aws, startAws } from "../../test/lab/aws-front/start-aws.ts";
import type { Instance } from "../../test/lab/instance.ts";
import { createLab, type Lab } from "../../test/lab/lab.ts";
import type { Files } from "../../test/lab/machine/root.ts";
import { imageDirectory, prepareImage } from "../../test/lab/prepare/image.ts";
import { cacheDirectory } from "../../test/lab/prepare/tree.ts";
import { run } from "../../test/lab/run.ts";
import { prepareAptPool } from "../../test/lab/services/apt-pool.ts";
import { type AptRepository, startAptRepository } from "../../test/lab/services/apt-repository.ts";
import { type GitServer, startGitServer } from "../../test/lab/services/git-server.ts";
import { instancePaths, zone } from "../../test/lab/services/services.ts";
import { benchImage } from "./image.ts";

/** Where things are, as the image has to know. */
export interface About {
  /** The instance's. */
  id: string;
  zone: string;
  configUrl: string;
  endpoint: string;
  commit: string;
}

export interface World extends AsyncDisposable {
  lab: Lab;
  aws: Aws;
  targetGroup: string;
  commit: string;
  /** Launches an instance and boots it. */
  boot: (work: Work) => Promise<Machine>;
}

/** What is in the image, beyond what all have, so that it boots into service by itself. */
export interface Work {
  name: string;
  files: (about: About) => Files;
  /** The units to enable. */
  enable: readonly string[];
  /** Whether the image has muster in it, and cloud-init. */
  muster: boolean;
  cloudInit: boolean;
}

export interface Machine {
  ec2: EmulatedInstance;
  instance: Instance;
}

const suite = "bookworm";
const hosts = { apt: 2, git: 3 };
const configRepo = resolve(import.meta.dirname, "../../examples/config-repo");

export async function createWorld(): Promise<World> {
  const lab = await createLab();
  try {
    // The image stays in the cache for as long as we boot it; bench/boot/prepare.ts has made it.
    const image = prepareImage(suite, () => {}, benchImage);
    lab.onClose(image.release);
    const [aws, git, apt] = await Promise.all([startAws(lab), startGit(lab), startApt(lab)]);
    const targetGroup = await aws.createTargetGroup({ drainSeconds: 1 });
    await aws.createZone(zone);
    const commit = await (await git.createRepo("ops/config")).commitDirectory(configRepo, "the example");
    const shared = await sharedFiles(git, apt);
    const about = { configUrl: git.url("https", "ops/config"), endpoint: aws.front.endpoint, commit };
    let count = 0;

    async function boot(work: Work): Promise<Machine> {
      count += 1;
      const ec2 = await aws.launch({ tags: { "muster:role": "web", "muster:environment": "dev" } });
      const { host, files } = aws.bootOptions(ec2);
      const instance = await lab.boot({
        host,
        name: `${work.name}-${count}`,
        // Nobody resolves here, and says so at once: facter asks for the machine's own name.
        nameserver: lab.address(6),
        image: imageDirectory(suite, benchImage),
        ...(work.muster ? {} : { binary: false }),
        enableMuster: work.muster,
        settings: settingsFor(about.configUrl),
        files: { ...shared, ...(work.muster ? files : {}), ...work.files({ ...about, id: ec2.id, zone: ec2.zone }) },
        async prepare(root) {
          if (!work.cloudInit) await removeCloudInit(root);
          if (work.enable.length > 0) await run(["systemctl", `--root=${root}`, "enable", "--quiet", ...work.enable]);
        },
      });
      return { ec2, instance };
    }

    return { lab, aws, targetGroup, commit, boot, [Symbol.asyncDispose]: lab.close };
  } catch (error) {
    await lab.close();
    throw error;
  }
}

async function startGit(lab: Lab): Promise<GitServer> {
  const git = await startGitServer({ address: lab.address(hosts.git), dir: join(lab.directory, "git") });
  lab.onClose(() => git.stop());
  return git;
}

async function startApt(lab: Lab): Promise<AptRepository> {
  const rootfs = imageDirectory(suite, benchImage);
  const pool = await prepareAptPool({ rootfs, suite, cacheDir: cacheDirectory });
  const options = { address: lab.address(hosts.apt), dir: join(lab.directory, "apt"), pool: pool.dir, suite };
  const apt = await startAptRepository(options);
  lab.onClose(() => apt.stop());
  return apt;
}

async function sharedFiles(git: GitServer, apt: AptRepository): Promise<Files> {
  return {
    [instancePaths.gitCa]: await readFile(git.files.ca, "utf8"),
    "/etc/apt/sources.list.d/muster-lab.sources": apt.sources,
    [apt.keyringInInstance]: await readFile(apt.keyring, "utf8"),
  };
}

function settingsFor(configUrl: string): string {
  return stringify({ cloud: "aws", config: { url: configUrl, https: { ca: instancePaths.gitCa } } });
}

/** Who does not use it does not pay for it: neither its generator at boot nor the wait for its end. */
async function removeCloudInit(root: string): Promise<void> {
  await rm(join(root, "usr/bin/cloud-init"));
  await rm(join(root, "usr/lib/systemd/system-generators/cloud-init-generator"));
  await mkdir(join(root, "etc/cloud"), { recursive: true });
  await writeFile(join(root, "etc/cloud/cloud-init.disabled"), "");
}
