// A lab with AWS in it: an account with one target group and one zone, a config repo, and EC2 instances.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";

import type { EmulatedInstance } from "../../lab/aws-front/fleet.ts";
import type { TargetGroupOptions } from "../../lab/aws-front/resources.ts";
import { type Aws, type LaunchOptions, startAws } from "../../lab/aws-front/start-aws.ts";
import type { Instance } from "../../lab/instance.ts";
import { createLab, type Lab } from "../../lab/lab.ts";
import type { Files } from "../../lab/machine/root.ts";
import { run } from "../../lab/run.ts";
import type { GitRepository } from "../../lab/services/git-repository.ts";
import { type GitServer, startGitServer } from "../../lab/services/git-server.ts";
import { instancePaths, zone } from "../../lab/services/services.ts";
import { countingPuppet } from "./puppet-count.ts";
import { layered, usualTags } from "./world.ts";

export interface AwsWorld extends AsyncDisposable {
  lab: Lab;
  aws: Aws;
  git: GitServer;
  /** The config repo, `ops/config`. */
  repo: GitRepository;
  /** The ARN of `web-dev`; empty when the world was made without it. */
  targetGroup: string;
  /** The id of `example.internal`; empty when the world was made without it. */
  zoneId: string;
  /** An EC2 instance that has not booted: role `web` in `dev`, unless its tags say something else. */
  launch: (options?: LaunchOptions) => Promise<EmulatedInstance>;
  /** Boots it with muster, and with a page on port 80 that welcomes from its id. */
  boot: (ec2: EmulatedInstance, options?: AwsBootOptions) => Promise<Instance>;
}

export interface AwsBootOptions {
  settings?: Record<string, unknown>;
  /** Beside the files of the image. */
  files?: Files;
}

export interface AwsWorldOptions {
  /** What is unusual about the target group `web-dev`; `false`: there is none. */
  targetGroup?: TargetGroupOptions | false;
  /** Whether there is a zone `example.internal`; yes if not said. */
  zone?: boolean;
}

const gitHost = 3;

/** @param caseDirectory as for `createWorld`; between the harness's repo and the case's lies `aws-repo/` */
export async function createAwsWorld(caseDirectory: string, options: AwsWorldOptions = {}): Promise<AwsWorld> {
  const lab = await createLab();
  try {
    const [aws, git] = await Promise.all([startAws(lab), startGit(lab)]);
    const targetGroup = options.targetGroup === false ? "" : await aws.createTargetGroup(options.targetGroup);
    const zoneId = options.zone === false ? "" : await aws.createZone(zone);
    const repo = await git.createRepo("ops/config");
    const layers = [join(import.meta.dirname, "aws-repo"), join(caseDirectory, "repo")];
    await repo.commitDirectory(await layered(lab, layers), "the first state");
    const files = await imageFiles(git);

    return {
      ...{ lab, aws, git, repo, targetGroup, zoneId },
      launch: (how = {}) => aws.launch({ ...how, tags: { ...usualTags, ...how.tags } }),
      boot(ec2, { settings, files: more } = {}) {
        const { host, files: awsFiles } = aws.bootOptions(ec2);
        return lab.boot({
          host,
          settings: stringify({ ...usualSettings(git), ...settings }),
          files: { ...files, "/srv/page.html": `welcome from ${ec2.id}\n`, ...awsFiles, ...more },
          prepare: async (root) => void (await run(["systemctl", `--root=${root}`, "enable", "--quiet", "page"])),
        });
      },
      [Symbol.asyncDispose]: lab.close,
    };
  } catch (error) {
    await lab.close();
    throw error;
  }
}

async function startGit(lab: Lab): Promise<GitServer> {
  const git = await startGitServer({ address: lab.address(gitHost), dir: join(lab.directory, "git") });
  lab.onClose(() => git.stop());
  return git;
}

/** Short waits; all that is AWS the agent finds by itself. */
function usualSettings(git: GitServer) {
  return {
    cloud: "aws",
    config: { url: git.url("https", "ops/config"), https: { ca: instancePaths.gitCa }, deadline: "20s" },
    retry: { held: { first: "2s", max: "4s" } },
  };
}

/** The page is part of the image: what is under test here is AWS, and Puppet takes seconds. */
async function imageFiles(git: GitServer): Promise<Files> {
  return {
    ...countingPuppet,
    [instancePaths.gitCa]: await readFile(git.files.ca, "utf8"),
    "/usr/local/sbin/page-server": { content: await pageFile("page-server"), mode: 0o755 },
    "/etc/systemd/system/page.service": await pageFile("page.service"),
  };
}

function pageFile(name: string): Promise<string> {
  return readFile(join(import.meta.dirname, "repo/modules/page/files", name), "utf8");
}
