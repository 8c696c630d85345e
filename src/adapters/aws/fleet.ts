import { MusterError } from "../../domain/errors/errors.ts";
import type { Fleet, InstanceLife } from "../../ports/fleet.ts";
import type { AwsDeps } from "./call.ts";
import { createEc2 } from "./services.ts";

export type Ec2FleetDeps = AwsDeps & { readonly instanceId: (signal: AbortSignal) => Promise<string> };

/** The most values in a filter (EC2 API Reference, "DescribeInstances"); one of them is the instance itself. */
const askedAtOnce = 199;

/** The living instances, by EC2. By a filter, because unknown ids make a call by id fail. */
export function createEc2Fleet(deps: Ec2FleetDeps): Fleet {
  const ec2 = createEc2(deps);

  async function ask(ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, InstanceLife>> {
    const lives = new Map<string, InstanceLife>();
    let token: string | undefined;
    do {
      const wanted = {
        Filters: [{ Name: "instance-id", Values: [...ids] }],
        ...(token === undefined ? {} : { NextToken: token }),
      };
      const answer = await ec2.call((sdk) => new sdk.DescribeInstancesCommand(wanted), signal);
      for (const { InstanceId, State } of (answer.Reservations ?? []).flatMap(({ Instances = [] }) => Instances)) {
        if (InstanceId !== undefined) lives.set(InstanceId, State?.Name === "terminated" ? "terminated" : "there");
      }
      token = answer.NextToken === "" ? undefined : answer.NextToken;
    } while (token !== undefined);
    return lives;
  }

  return {
    async observe(instances, signal) {
      const self = await deps.instanceId(signal);
      const lives = new Map<string, InstanceLife>();
      for (let at = 0; at < Math.max(1, instances.length); at += askedAtOnce) {
        const answer = await ask([self, ...instances.slice(at, at + askedAtOnce)], signal);
        if (answer.get(self) !== "there") throw notItself(self);
        for (const [id, life] of answer) lives.set(id, life);
      }
      return lives;
    },
  };
}

function notItself(self: string): MusterError {
  return new MusterError({
    code: "fleet-not-itself",
    message: `ec2:DescribeInstances does not show this instance (${self}) itself, so what it shows of others is not believed`,
    hint: "Check that credentials and region are this instance's own; right after a launch EC2 may lag behind.",
    transient: true,
  });
}
