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
