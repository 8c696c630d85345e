export type ZoneVisibility = "public" | "private";

/** A zone as a record or a slot names it. Keys of a zone are made by `zoneKey` alone. */
export type ZoneName = {
  /** Its name. */
  readonly zone: string;
  /** Which of two zones of the same name; needed only where both exist (Route 53). */
  readonly visibility?: ZoneVisibility | undefined;
  /** Its id (Route 53): only the id tells two private zones of one name apart. */
  readonly zoneId?: string | undefined;
  /** The ARN of the role with which a zone of another account is reached (Route 53). */
  readonly assumeRole?: string | undefined;
  /** What the trust policy of that role wants to be told; no secret (IAM User Guide, "external ID"). */
  readonly externalId?: string | undefined;
};

/** A role to assume. */
export type AssumedRole = { readonly arn: string; readonly externalId?: string | undefined };

/** What identifies the zone, without the rest of a record or a slot; absent stays absent. Pure. */
export function zoneNameOf({ zone, visibility, zoneId, assumeRole, externalId }: ZoneName): ZoneName {
  return {
    zone,
    ...(visibility === undefined ? {} : { visibility }),
    ...(zoneId === undefined ? {} : { zoneId }),
    ...(assumeRole === undefined ? {} : { assumeRole }),
    ...(externalId === undefined ? {} : { externalId }),
  };
}

/**
 * Two zones with the same key are one zone. State files hold such keys: the key of a zone without an id stays as it is.
 * Pure.
 */
export function zoneKey({ zone, visibility, zoneId, assumeRole }: ZoneName): string {
  if (zoneId !== undefined) return `${zone} ${zoneId}`;
  return `${zone} ${visibility ?? ""}${assumeRole === undefined ? "" : ` ${assumeRole}`}`;
}

/** What is known of a zone beside its name, for people. Pure. */
export function zoneDetails({ visibility, zoneId, assumeRole }: ZoneName): readonly string[] {
  const account = assumeRole === undefined ? undefined : `account ${assumeRole.split(":")[4] ?? assumeRole}`;
  return [visibility, zoneId, account].filter((each) => each !== undefined);
}

/** `example.internal`, `example.internal (private)` or `example.internal (private, Z0123456789ABCDEFGHIJ, account 444455556666)`. Pure. */
export function zoneText(zone: ZoneName): string {
  const details = zoneDetails(zone);
  return details.length === 0 ? zone.zone : `${zone.zone} (${details.join(", ")})`;
}

/** Whether two ways to name a zone may mean the same one. Pure. */
export function mayBeSameZone(one: ZoneName, other: ZoneName): boolean {
  if (one.zone !== other.zone) return false;
  if (one.zoneId !== undefined && other.zoneId !== undefined) return one.zoneId === other.zoneId;
  if (one.assumeRole !== other.assumeRole) return false;
  return one.visibility === undefined || other.visibility === undefined || one.visibility === other.visibility;
}

/** The form of an id of Route 53, as the API takes it (Route 53 API Reference, "HostedZone"). */
export function isZoneId(text: string): boolean {
  return /^[A-Z0-9]{1,32}$/.test(text);
}

/** The form of a role's ARN, and of an external id (IAM User Guide, "IAM identifiers"; STS API Reference, "AssumeRole"). */
export function isRoleArn(text: string): boolean {
  return /^arn:[a-z0-9-]+:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/.test(text);
}

export function isExternalId(text: string): boolean {
  return /^[\w+=,.@:/-]{2,1224}$/.test(text);
}

/** Whether a zone's id stands where its name belongs: Route 53's begin with Z, and no zone is called so. */
export function looksLikeZoneId(text: string): boolean {
  return /^Z[A-Z0-9]{9,31}$/.test(text);
}
