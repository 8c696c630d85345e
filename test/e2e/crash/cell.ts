// One cell of the matrix: an instance that dies once, and where it ends.
import { setTimeout as sleep } from "node:timers/promises";

import type { Instance } from "../../lab/instance.ts";
import { setTripwire } from "../../lab/machine/tripwire.ts";
import { muster, waitForUnits } from "../harness/muster.ts";
import type { StatusReport } from "../../../src/domain/instance/status.ts";
import { agentOf, agentOrNone, isDeath, type Kind, nextVersion, strike } from "./death.ts";
import { ungated } from "./gates.ts";
import { puppetRuns } from "../harness/puppet-count.ts";
import { leftRunningLine } from "./end-state.ts";
import { type Moment, watched } from "./moments.ts";
import type { Scene } from "./scene.ts";
import { entries, halfWritten, nameOf, read, runs } from "./state.ts";

/** When: at a moment of the run, or so many milliseconds after the agent began. */
export type When = Moment | number;

export interface Outcome {
  /** The last entry that was on disk when it died; empty when there was none. */
  died: string;
  /** What is wrong with the end; nothing when the cell passed. */
  wrong: string[];
  /** The instance's journals, if something is wrong. */
  log: string;
  seconds: number;
}

export async function playCell(scene: Scene, when: When, kind: Kind): Promise<Outcome> {
  const begun = performance.now();
  const { instance, id } = await scene.boot();
  await using _ = instance;
  let outcome: Pick<Outcome, "died" | "wrong">;
  try {
    outcome = await playOn(scene, instance, id, when, kind);
  } catch (error) {
    outcome = { died: "?", wrong: [error instanceof Error ? error.message : String(error)] };
  }
  const log = outcome.wrong.length > 0 ? await logOf(instance).catch(String) : "";
  return { ...outcome, log, seconds: (performance.now() - begun) / 1000 };
}

/** For whoever looks into a cell that failed. */
async function logOf(instance: Instance): Promise<string> {
  const journals = runs(instance).map((run) => read(instance, `runs/${run}/journal.jsonl`) ?? "");
  const units = await instance.exec("tail -n 50 /var/log/muster/units/*.log; dpkg --audit", { check: false });
  return [await instance.journal(), ...journals, units.stdout].join("\n");
}

async function playOn(scene: Scene, instance: Instance, id: string, when: When, kind: Kind) {
  await reach(instance, when);
  const agent = agentOrNone(instance);
  const seen = await strike(instance, kind, () => sightOf(instance));
  const powerless = kind === "power cut";
  const livesOn = kind === "second run" || kind === "disk full";
  const former = powerless ? { boot: seen.boot } : livesOn ? {} : { agent };
  await instance.waitFor(() => isSettled(instance, former), {
    what: `${instance.name} is in service again`,
    // apt that could not store a file may stand still, and is stopped after two minutes.
    timeout: kind === "disk full" ? 240_000 : 90_000,
  });
  await waitForUnits(instance, { "muster.service": "active", "muster-ready.target": "active" });
  const said = await muster(instance, "status");
  const made = runs(instance);
  // A boot after the run makes a run of its own. An engine that was killed has failed, and the run is tried again.
  const again = kind === "second run" || kind === "agent and units" || (powerless && seen.died === "run-ended");
  const wrong = [
    ...seen.halfWritten.map((name) => `${name} is half written`),
    ...(said.code === 0 ? [] : [`muster status ends with ${said.code}: ${said.stdout}`]),
    ...(kind === "upgrade" ? await versionOf(instance) : []),
    ...(await enginesOf(instance, kind)),
    // A full disk fails a run as often as it is tried.
    ...(kind === "disk full" || made.length <= (again ? 2 : 1)
      ? []
      : [`there are ${made.length} runs: ${made.join(" ")}`]),
    // Who is asked to end, or lives on, may enter meanwhile by the gates that it passed before.
    ...ungated(await scene.outside.entered(instance.address), entries(instance), isDeath(kind) ? seen.at : Infinity),
    ...(await scene.differencesOf(instance, id)).filter((line) => !isOfTheKind(line, kind)),
  ];
  return { died: seen.died, wrong };
}

/**
 * What no run can undo: the other binary, the temporary file beside its own that a Puppet had just begun, and the end of
 * what Puppet had left in the background, where all control groups are killed after it.
 */
function isOfTheKind(difference: string, kind: Kind): boolean {
  if (kind === "upgrade") return difference.includes("file usr/bin/");
  if (kind === "agent and units" && difference === `- ${leftRunningLine}`) return true;
  const killsEngines = kind === "power cut" || kind === "agent and units";
  return killsEngines && /^\+ file \S+\d{8}-\d+-[a-z0-9]{6,7} /.test(difference);
}

/** What is wrong with the version that runs. */
async function versionOf(instance: Instance): Promise<string[]> {
  const { stdout } = await muster(instance, "--version");
  return stdout.includes(nextVersion) ? [] : [`after the upgrade it is still ${stdout}`];
}

/** What is wrong with how often Puppet ran. Only who kills it may have it started twice for one run. */
async function enginesOf(instance: Instance, kind: Kind): Promise<string[]> {
  const { begun, atOnce } = await puppetRuns(instance);
  const sayings = atOnce > 1 && kind !== "agent and units" && kind !== "power cut" ? [`${atOnce} Puppets at once`] : [];
  const once = kind === "agent" || kind === "restart" || kind === "stop, start" || kind === "upgrade";
  return once && begun !== 1 ? [...sayings, `Puppet was started ${begun} times`] : sayings;
}

/** What the dead leave. */
function sightOf(instance: Instance) {
  const last = entries(instance).at(-1);
  return {
    died: last === undefined ? "" : nameOf(last),
    at: Date.now(),
    boot: statusOf(instance)?.bootId,
    halfWritten: halfWritten(instance),
  };
}

const reachMs = 60_000;

/** Lets it run to there, and freezes it. */
async function reach(instance: Instance, when: When): Promise<void> {
  if (typeof when === "number") {
    await instance.exec("systemctl start --no-block muster.service");
    await sleep(when);
    await instance.freeze();
    return;
  }
  const wire = await setTripwire(instance, watched, (path) => when.isHere(instance, path));
  try {
    await instance.exec("systemctl start --no-block muster.service");
    const tooLate = sleep(reachMs, undefined, { ref: false }).then(() => {
      throw new Error(`the run never came to "${when.name}"`);
    });
    await Promise.race([wire.hit, tooLate]);
  } finally {
    await wire.cut();
  }
}

/** Whether the agent of another life, or of another boot, has brought it into service. */
function isSettled(instance: Instance, dead: { agent?: number | undefined; boot?: string | undefined }): boolean {
  const report = statusOf(instance);
  if (report?.state !== "in-service" || report.run?.finished !== true) return false;
  if (report.bootId === dead.boot) return false;
  return agentOf(instance) !== dead.agent;
}

function statusOf(instance: Instance): StatusReport | undefined {
  const text = read(instance, "status.json");
  return text === undefined ? undefined : (JSON.parse(text) as StatusReport);
}
