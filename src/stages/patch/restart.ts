import { planRestarts, type RestartRule } from "../../domain/run/restarts.ts";
import type { Machine } from "../../ports/machine.ts";
import type { PackageManager } from "../../ports/package-manager.ts";
import type { PlannedStep, StageContext } from "../../ports/stage-context.ts";
import { outdatedNotice } from "./words.ts";

type Ports = { readonly packages: Pick<PackageManager, "servicesToRestart">; readonly machine: Machine };

/**
 * Restarts the services that still run replaced code, also after upgrades of earlier runs and of other programs. A
 * service that does not come back is a warning here, and the health gate judges it.
 * @returns the restarted services
 */
export async function restartServices(
  rule: RestartRule,
  { packages, machine }: Ports,
  context: StageContext,
): Promise<readonly string[]> {
  if (rule === "reboot-follows") return [];
  context.progress("looking for services that run replaced code");
  const { restart, left } = planRestarts(await packages.servicesToRestart(context.signal), rule);
  if (left.length > 0) context.warn("services-outdated", outdatedNotice(left, rule));
  if (restart.length === 0) return [];
  context.progress(`restarting ${restart.join(", ")}`);
  const failed = await machine.restartServices(restart, context.signal);
  if (failed.size > 0) {
    const each = [...failed].map(([unit, why]) => `${unit} (${why})`).join(", ");
    context.warn("service-restart-failed", `Services that run replaced code could not be restarted: ${each}`);
  }
  return restart.filter((unit) => !failed.has(unit));
}

/**
 * What `restartServices` would do. Present services with replaced code are known, future ones are not.
 * @param upgrading whether packages would be upgraded before
 */
export async function planRestart(
  rule: RestartRule,
  upgrading: boolean,
  { packages }: Pick<Ports, "packages">,
  context: StageContext,
): Promise<readonly PlannedStep[]> {
  if (rule === "reboot-follows") return [];
  const { restart } = planRestarts(await packages.servicesToRestart(context.signal), rule);
  const now = restart.length === 0 ? [] : [{ text: "restart services that run replaced code", details: restart }];
  const later =
    upgrading && rule === "now" ? [{ text: "restart what runs replaced code then: decided at run time" }] : [];
  return [...now, ...later];
}
