// The daemons that idle beside each other, each in an instance of its own, each after its first run.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { createAwsWorld } from "../../test/e2e/harness/aws-world.ts";
import { waitForState } from "../../test/e2e/harness/muster.ts";
import { createWorld } from "../../test/e2e/harness/world.ts";
import type { Instance } from "../../test/lab/instance.ts";
import type { Lab } from "../../test/lab/lab.ts";

export interface Daemon {
  readonly name: string;
  readonly instance: Instance;
  readonly unit: string;
}

export interface Daemons extends AsyncDisposable {
  readonly muster: readonly Daemon[];
  readonly peer: Daemon;
}

/** Returns when all have made their first run: muster is in service, puppet has found no server. */
export async function startDaemons(): Promise<Daemons> {
  const worlds = new AsyncDisposableStack();
  try {
    const local = worlds.use(await createWorld(import.meta.dirname));
    const aws = worlds.use(await createAwsWorld(import.meta.dirname));
    // One after the other: a first run is no part of what is measured.
    const onLocal = await local.boot();
    await waitForState(onLocal, "in-service");
    const onAws = await aws.boot(await aws.launch());
    await waitForState(onAws, "in-service");
    const peer = await startPuppet(local.lab);
    return {
      muster: [
        { name: "muster, cloud: local", instance: onLocal, unit: "muster.service" },
        { name: "muster, cloud: aws", instance: onAws, unit: "muster.service" },
      ],
      peer: { name: "puppet agent", instance: peer, unit: "puppet.service" },
      [Symbol.asyncDispose]: () => worlds.disposeAsync(),
    };
  } catch (error) {
    await worlds.disposeAsync();
    throw error;
  }
}

const puppetSettings = `[agent]
server = localhost
certificate_revocation = false
runinterval = 1d
`;

/**
 * Debian's puppet.service. It forks for each run, so that the run leaves nothing in the daemon: one that finds no
 * server is a run like any other to it, and no catalogue makes the daemon larger.
 */
async function startPuppet(lab: Lab): Promise<Instance> {
  const instance = await lab.boot({
    name: "puppet",
    binary: false,
    files: {
      "/etc/puppet/puppet.conf": puppetSettings,
      "/usr/local/sbin/agent-certificates": {
        content: await readFile(join(import.meta.dirname, "agent-certificates"), "utf8"),
        mode: 0o755,
      },
    },
  });
  await instance.exec(["agent-certificates"]);
  await instance.exec(["systemctl", "start", "puppet.service"]);
  const ran = async () => (await instance.journal("puppet.service")).includes("Could not send report");
  await instance.waitFor(ran, { what: "puppet agent has made its first run" });
  return instance;
}
