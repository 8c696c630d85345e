// What a person with the AWS SDK does to a zone of Route 53, and reads there.
import {
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
  type Change,
  type ResourceRecordSet,
} from "@aws-sdk/client-route-53";
import { startFront, type Front } from "../lab/aws-front/front.ts";
import type { Handler } from "../lab/aws-front/handler.ts";

/**
 * Route 53 alone, which every client of this process then speaks to.
 * @param address of loopback
 * @param before what is asked before it
 */
export async function startService(
  address: string,
  service: Handler,
  before: readonly Handler[] = [],
): Promise<{ readonly front: Front; readonly sdk: Route53Client; stop(): Promise<void> }> {
  const handlers = [...before, service];
  const front = await startFront({ address, port: 4566, upstream: `http://${address}:9`, handlers });
  process.env["AWS_ENDPOINT_URL"] = front.endpoint;
  process.env["AWS_ACCESS_KEY_ID"] = "AKIAEXAMPLE";
  process.env["AWS_SECRET_ACCESS_KEY"] = "secret";
  const sdk = new Route53Client({ region: "us-east-1", maxAttempts: 10 });
  return {
    front,
    sdk,
    async stop() {
      sdk.destroy();
      await front.stop();
    },
  };
}

export async function changeZone(sdk: Route53Client, zoneId: string, ...changes: readonly Change[]): Promise<void> {
  const batch = { HostedZoneId: zoneId, ChangeBatch: { Changes: [...changes] } };
  await sdk.send(new ChangeResourceRecordSetsCommand(batch));
}

export function created(set: Partial<ResourceRecordSet> & { Name: string }, value: string): Change {
  const ResourceRecordSet: ResourceRecordSet = { Type: "A", TTL: 30, ResourceRecords: [{ Value: value }], ...set };
  return { Action: "CREATE", ResourceRecordSet };
}

/** What the zone holds under a name, as the SDK reads it: `identifier policy TTL values`. */
export async function readSets(sdk: Route53Client, name: string, zoneId = "Z1"): Promise<readonly string[]> {
  const listed = await sdk.send(new ListResourceRecordSetsCommand({ HostedZoneId: zoneId, StartRecordName: name }));
  return (listed.ResourceRecordSets ?? [])
    .filter(({ Name }) => Name === `${name}.`)
    .map(({ Type, SetIdentifier, Weight, MultiValueAnswer, TTL, ResourceRecords = [] }) => {
      const policy = MultiValueAnswer === true ? "multivalue" : Weight === undefined ? "simple" : `weight ${Weight}`;
      const values = ResourceRecords.map(({ Value = "" }) => Value).toSorted();
      return [Type, SetIdentifier ?? "-", policy, TTL, values.join(" ")].join(" ");
    });
}
