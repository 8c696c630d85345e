/** A notice of the cloud: an action on this instance that will come, or may come. All times ISO 8601. */
export type CloudNotice =
  /** The spot market takes the instance back at that time; about two minutes' notice, best effort. */
  | { readonly kind: "spot"; readonly action: SpotAction; readonly at: string }
  /** The spot market may soon take the instance back: the risk is elevated. */
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

/** Maintenance that is ahead or under way, for the status; times ISO 8601. */
export type Maintenance = {
  readonly id: string;
  /** As `system-reboot` or `instance-retirement`. */
  readonly code: string;
  readonly text: string;
  readonly notBefore: string;
  readonly notAfter?: string;
};

/** Limits on the length of texts, and on the number of events. */
const [maxText, maxEvents] = [300, 20];

/** Maintenance that is announced and neither over nor cancelled, the soonest first. Pure. */
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
