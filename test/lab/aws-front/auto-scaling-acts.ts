// What an instance may ask of its group: to go on waiting, to go on, to stand aside, to be replaced.
import { element, rowList } from "./answers.ts";
import {
  desiredOf,
  type Group,
  groupOf,
  Invalid,
  maxSize,
  type Member,
  membersOf,
  type State,
} from "./auto-scaling-state.ts";
import { isLate } from "./fleet.ts";
import { list } from "./handler.ts";
import type { Passage, Result } from "./lifecycle.ts";

export function complete(state: State, params: URLSearchParams): string {
  // Whatever is not CONTINUE is an ABANDON.
  const result: Result = params.get("LifecycleActionResult") === "CONTINUE" ? "CONTINUE" : "ABANDON";
  return act(state, params, (passage, hook) => passage.complete(hook, result));
}

export function heartbeat(state: State, params: URLSearchParams): string {
  return act(state, params, (passage, hook) => passage.heartbeat(hook));
}

/** An instance names its own action by its id; the tokens of notifications are handed to nobody here. */
function act(state: State, params: URLSearchParams, work: (passage: Passage, hook: string) => boolean): string {
  const group = groupOf(state, params.get("AutoScalingGroupName"));
  const id = params.get("InstanceId");
  const member = membersOf(state).find((other) => other.group === group && other.instance.id === id);
  const isKnown = member !== undefined && !isLate(member.instance, "action");
  if (isKnown && work(member.passage, params.get("LifecycleHookName") ?? "")) return "";
  throw new Invalid(`No active Lifecycle Action found with instance ID ${id}`);
}

/** In AWS's words, as public bug reports have them. */
export function enterStandby(state: State, params: URLSearchParams): string {
  const { group, instance, passage } = memberNamed(state, params);
  const desired = desiredOf(state, group);
  const isDecremented = params.get("ShouldDecrementDesiredCapacity") === "true";
  if (isDecremented && passage.state === "InService" && desired <= group.minSize) {
    throw new Invalid(
      `AutoScalingGroup ${group.name} has min-size=${group.minSize}, max-size=${maxSize}, and desired-size=${desired}. To place into standby 1 instance, please update the AutoScalingGroup sizes appropriately.`,
    );
  }
  if (!passage.enterStandby()) throw new Invalid(`The instance ${instance.id} is not in InService.`);
  return activity(group, `Moving EC2 instance to Standby: ${instance.id}`);
}

export function exitStandby(state: State, params: URLSearchParams): string {
  const { group, instance, passage } = memberNamed(state, params);
  if (!passage.exitStandby()) throw new Invalid(`The instance ${instance.id} is not in Standby.`);
  return activity(group, `Moving EC2 instance out of Standby: ${instance.id}`);
}

/** The group replaces what is not healthy. The grace period is 0 here; an instance in standby is not looked at. */
export function setHealth(state: State, params: URLSearchParams): string {
  const id = params.get("InstanceId");
  const member = membersOf(state).find(({ instance }) => instance.id === id);
  if (member === undefined) {
    throw new Invalid(`Instance Id not found - No managed instance found for instance ID ${id}`);
  }
  member.health = params.get("HealthStatus") === "Healthy" ? "Healthy" : "Unhealthy";
  const { state: now } = member.passage;
  if (member.health === "Unhealthy" && !/Standby|Terminat/.test(now)) member.passage.terminate();
  return "";
}

/** The one instance that a request names. */
function memberNamed(state: State, params: URLSearchParams): Member {
  const group = groupOf(state, params.get("AutoScalingGroupName"));
  const [id] = list(params, "InstanceIds.member");
  const member = membersOf(state).find((other) => other.group === group && other.instance.id === id);
  if (member !== undefined) return member;
  throw new Invalid(`The instance ${id} is not part of Auto Scaling group ${group.name}.`);
}

function activity(group: Group, description: string): string {
  const fields = element("AutoScalingGroupName", group.name) + element("Description", description);
  return rowList("Activities", [fields], (row) => row);
}
