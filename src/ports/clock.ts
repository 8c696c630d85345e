/** Whether a time service keeps this clock right. */
export type ClockSync =
  | { readonly kind: "synchronised"; readonly by: string }
  /** A time service runs and has not finished yet. */
  | { readonly kind: "waiting"; readonly by: string }
  /** No time service will synchronise it (none is installed, or a container shares its host's clock). */
  | { readonly kind: "unmanaged"; readonly why: string };

/** Time. Deadlines and durations use `monotonicMs`; `now` is for people and certificates only. */
export interface Clock {
  now(): Date;
  /** Milliseconds from an arbitrary origin; never goes back. */
  monotonicMs(): number;
  /** Milliseconds since the machine booted, the same for every process of a boot. */
  uptimeMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** From 0 (inclusive) to 1 (exclusive), for jitter. */
  random(): number;
  synchronisation(signal: AbortSignal): Promise<ClockSync>;
}
