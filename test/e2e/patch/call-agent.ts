// One call of the port: call-agent.ts apt|dnf RUN METHOD ARGUMENTS, the arguments without the context as a JSON array.
import type { PatchScope } from "../../../src/domain/role/role.ts";
import type { PackageRules, Upgrade } from "../../../src/ports/package-manager.ts";
import { packagesOf, printingContext, tell } from "./machine.ts";

const [manager, run = "", method, text = "[]"] = process.argv.slice(2);
const packages = packagesOf(manager === "dnf" ? "dnf" : "apt");
const context = printingContext(run, "patch");

async function work(): Promise<unknown> {
  switch (method) {
    case "refresh":
      return packages.refresh(...(JSON.parse(text) as [PackageRules]), context);
    case "resume":
      return packages.resume(context);
    case "whenIdle":
      return packages.whenIdle(context);
    case "observe":
      return packages.observe(...(JSON.parse(text) as [PackageRules]), context);
    case "upgrade": {
      type Given = [Exclude<PatchScope, "none">, Upgrade[], PackageRules, number];
      const [scope, upgrades, rules, timeoutMs] = JSON.parse(text) as Given;
      return packages.upgrade(scope, upgrades, rules, context, timeoutMs);
    }
    case "changes":
      return packages.changes(run);
    case "rebootState":
      return packages.rebootState(context.signal);
    case "servicesToRestart":
      return packages.servicesToRestart(context.signal);
    default:
      throw new Error(`the port has no ${method} that could be called from here`);
  }
}

await tell(work);
