// The groups of the lab's Auto Scaling and who is in them.
import type { EmulatedInstance } from "./fleet.ts";
import type { Hook, Passage } from "./lifecycle.ts";

export interface Group {
  readonly name: string;
  readonly hooks: readonly Hook[];
  readonly targetGroups: readonly string[];
  readonly minSize: number;
}

export interface Member {
  readonly group: Group;
  readonly instance: EmulatedInstance;
  readonly passage: Passage;
  health: "Healthy" | "Unhealthy";
}

export interface State {
  readonly groups: Map<string, Group>;
  readonly members: Map<string, Member>;
}

export const maxSize = 100;

/** What AWS says is a `ValidationError`. */
export class Invalid extends Error {}

export function groupOf({ groups }: State, name: string | null): Group {
  const group = groups.get(name ?? "");
  if (group === undefined) throw new Invalid(`AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`);
  return group;
}

/** Those that are still in their group. */
export function membersOf({ members }: State): Member[] {
  return [...members.values()].filter(({ passage }) => passage.state !== "Terminated");
}

/** As many as the group wants: those in standby, and those that it takes away, are not among them. */
export function desiredOf(state: State, group: Group): number {
  const counted = membersOf(state).filter((member) => member.group === group);
  return counted.filter(({ passage }) => !/Standby|Terminating/.test(passage.state)).length;
}
