// The transitions of a run, as its state directory shows them: the rows of the matrix.
import type { Instance } from "../../lab/instance.ts";
import { entries, nameOf, read } from "./state.ts";

export interface Moment {
  /** The transition that is on disk, or about to be. */
  name: string;
  /** Whether the run stands there, asked in each open of a state file, before that open returns. */
  isHere: (instance: Instance, path: string) => boolean;
}

/**
 * The paths whose opens stop a run: its state directory and its runs', but not the mirror of the config repo; and what
 * dpkg and Puppet write in the middle of their work, and what a daemon reads that Puppet leaves in the background.
 */
export const watched = String.raw`(/var/lib/muster(/[^/]*|/runs/[^/]+/[^/]+)?|/muster-lab-app\.dpkg-new|/srv/work\.new|/etc/issue\.net)$`;

/** The entry is on disk, and nothing has been done about it. */
export function after(name: string, times = 1): Moment {
  return {
    name: times === 1 ? name : `${name} (${times})`,
    isHere: (instance) => entries(instance).filter((entry) => nameOf(entry) === name).length >= times,
  };
}

/** What the entry will tell is done, and the entry is not written. */
export function before(name: string, last: string, times = 1): Moment {
  return {
    name: `before ${name}${times === 1 ? "" : ` (${times})`}`,
    isHere(instance, path) {
      const made = entries(instance).map(nameOf);
      return (
        path.endsWith("/journal.jsonl") && made.at(-1) === last && made.filter((each) => each === last).length >= times
      );
    },
  };
}

/** The state file has its new content under its name, which is not synced. */
function stateFile(name: string, text = ""): Moment {
  return { name, isHere: (instance) => read(instance, name)?.includes(text) === true };
}

/** Somebody else is at work for the run, and opens this. */
function inside(name: string, end: string): Moment {
  return { name, isHere: (_, path) => path.endsWith(end) };
}

/** Before anything of the run is on disk. */
const atTheStart: Moment = {
  name: "before run-started",
  isHere: (instance, path) => path.endsWith("/journal.jsonl") && entries(instance).length === 0,
};

export const leftInBackground = inside("left in the background", "/etc/issue.net");

/** A run that patches, converges and registers. */
export const plainRun: readonly Moment[] = [
  atTheStart,
  after("run-started"),
  after("clock started"),
  after("clock finished"),
  after("identity started"),
  before("identity finished", "identity started"),
  after("identity finished"),
  stateFile("instance.json"),
  after("config started"),
  after("index started"),
  after("config finished"),
  after("index finished"),
  after("patch started"),
  inside("dpkg unpacks", "/muster-lab-app.dpkg-new"),
  before("patch finished", "patch started"),
  after("patch finished"),
  after("converge started"),
  leftInBackground,
  inside("Puppet applies", "/srv/work.new"),
  stateFile("applied.json"),
  before("converge finished", "converge started"),
  after("converge finished"),
  after("health started"),
  before("health finished", "health started"),
  after("health finished"),
  stateFile("membership.json", '"want": "in"'),
  stateFile("instance-tags.json", "in-service"),
  before("run-ended", "health finished"),
  after("run-ended"),
];

/** What a run adds that has to reboot: the way there, and the boot that goes on with it. */
export const rebootingRun: readonly Moment[] = [
  after("patch finished"),
  stateFile("reboots.json"),
  before("reboot-planned", "patch finished"),
  after("reboot-planned"),
  after("clock started", 2),
  after("clock finished", 2),
  after("index started", 2),
  after("index finished", 2),
  after("patch started", 2),
  before("patch finished", "patch started", 2),
  after("patch finished", 2),
  after("converge started"),
  after("health finished"),
  after("run-ended"),
];
