/** What a cloud has said that it will do to this instance, or may. All times ISO 8601. */
export type CloudNotice =
  /** It takes a spot instance back at that time; about two minutes' notice, best effort. */
  | { readonly kind: "spot"; readonly action: SpotAction; readonly at: string }
  /** It may be about to take it back: a spot instance at an elevated risk. */
  | { readonly kind: "rebalance"; readonly noticedAt: string }
  | {
      readonly kind: "maintenance";
      readonly id: string;
      /** As `system-reboot` or `instance-retirement`. */
      readonly code: string;
      readonly text: string;
      readonly notBefore: string;
      readonly notAfter?: string | undefined;
      readonly state: MaintenanceState;
    };

export const spotActions = ["terminate", "stop", "hibernate"] as const;
export type SpotAction = (typeof spotActions)[number];

/** In AWS's spelling. */
export const maintenanceStates = ["active", "completed", "canceled"] as const;
export type MaintenanceState = (typeof maintenanceStates)[number];

/** Maintenance that is ahead or under way, as people are told of it; times ISO 8601. */
export type Maintenance = {
  readonly id: string;
  /** As `system-reboot` or `instance-retirement`. */
  readonly code: string;
  readonly text: string;
  readonly notBefore: string;
  readonly notAfter?: string;
};

/** Of each text that a cloud says, and of its events. */
const [maxText, maxEvents] = [300, 20];

/** What is announced and neither over nor called off, the soonest first. Pure. */
export function announcedMaintenance(notices: readonly CloudNotice[]): readonly Maintenance[] {
  const ahead = notices.flatMap((notice): readonly Maintenance[] => {
    if (notice.kind !== "maintenance" || notice.state !== "active") return [];
    const { id, code, notBefore, notAfter } = notice;
    return [
      { id, code, text: notice.text.slice(0, maxText), notBefore, ...(notAfter === undefined ? {} : { notAfter }) },
    ];
  });
  return ahead.toSorted((one, other) => one.notBefore.localeCompare(other.notBefore)).slice(0, maxEvents);
}

/** `maintenance (system-reboot): TEXT`; the caller shows the time. */
export function describeMaintenance({ code, text }: Maintenance): string {
  return `maintenance (${code})${text === "" ? "" : `: ${text}`}`;
}
