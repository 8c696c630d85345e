import type { Identity } from "../../domain/instance/instance.ts";
import type { Role } from "../../domain/role/role.ts";
import type { Selection, TagNaming } from "../../domain/settings/settings.ts";
import { shutdownMs } from "../../domain/membership/leaving.ts";
import type { Watch } from "../../domain/instance/status.ts";
import type { ConfigResult } from "../../stages/config/result.ts";
import type { PatchResult } from "../../stages/patch/result.ts";
import type { Run } from "../spine/step.ts";

/** Reports the instance, its role, environment and ref, and which tags were refused. */
export function reportSelection(run: Pick<Run, "emit">, identity: Identity, selection: Selection): void {
  const { role, environment, ref, refused } = selection;
  run.emit({
    type: "run-facts",
    facts: { instance: identity.instance, role: role.value, environment: environment.value, ref: ref.value, selection },
  });
  for (const { key, why } of refused) {
    const text = `Tag ${key} steers nothing: ${why}`;
    run.emit({ type: "notice", level: "warning", code: "tag-refused", text, brief: text });
  }
}

/** Reports the commit of the run, the commit that was applied before, and what the daemon watches for the role. */
export function reportConfig(
  run: Pick<Run, "emit">,
  config: ConfigResult,
  naming: TagNaming,
  before: string | undefined,
): void {
  const { commit, ref, refKind, subject, committedAt, author, fetched, role } = config;
  const pinned = {
    commit,
    ref,
    refKind,
    subject,
    fetched,
    ...(committedAt === undefined ? {} : { committedAt }),
    ...(author === undefined ? {} : { author }),
    ...(before === undefined ? {} : { before }),
  };
  run.emit({ type: "run-facts", facts: { commit, config: pinned, watch: watchOf(role, naming) } });
}

/** Reports whether a reboot is due and, where the packages were looked at, how many are pending. */
export function reportPackages(run: Pick<Run, "emit">, { reboot, at, upgraded, pending, trouble }: PatchResult): void {
  const looked = at !== undefined && pending !== undefined;
  const patched = looked ? { patched: { at, upgraded: upgraded.length, pending } } : {};
  const doubts = looked || trouble.length > 0 ? { patchTrouble: trouble } : {};
  run.emit({ type: "run-facts", facts: { reboot, ...patched, ...doubts } });
}

function watchOf(role: Role, { names = [] }: TagNaming): Watch {
  const checks = [...role.health.system, ...role.health.service, ...role.health.smoke];
  const units = checks.flatMap(({ target }) => (target.kind === "unit" ? [target.unit] : []));
  const drains = role.register.map(({ drainMs }) => drainMs);
  const ttls = [...role.dns, ...names].map(({ ttl }) => ttl * 1000);
  const { converge } = role.schedule;
  return {
    units: [...new Set(units)],
    leaveMs: shutdownMs(role.leave, drains, ttls),
    ...(converge === undefined ? {} : { converge }),
  };
}
