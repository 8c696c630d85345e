// What a person with the AWS SDK does to a zone of Route 53, and reads there.
import {
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  type Change,
  type ResourceRecordSet,
  type Route53Client,
} from "@aws-sdk/client-route-53";

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
