import type { CloudNotice } from "./cloud-notice.ts";
import type { Departure } from "./departure.ts";

/** The departures that follow from the notices of the cloud. Maintenance that is over or cancelled is none. Pure. */
export function departuresOf(notices: readonly CloudNotice[]): readonly Departure[] {
  return notices.flatMap((notice) => departureOf(notice) ?? []);
}

function departureOf(notice: CloudNotice): Departure | undefined {
  switch (notice.kind) {
    case "spot": {
      const { action, at } = notice;
      const what = `spot interruption: the cloud takes this instance back at ${shown(at)} (${action})`;
      return { kind: "spot", id: `spot ${action} ${at}`, text: what, deadline: at };
    }
    case "rebalance": {
      const text = `rebalance recommendation: this spot instance may soon be taken back (since ${shown(notice.noticedAt)})`;
      return { kind: "rebalance", id: `rebalance ${notice.noticedAt}`, text, since: notice.noticedAt };
    }
    case "maintenance": {
      if (notice.state !== "active") return undefined;
      const { id, code, notBefore, notAfter } = notice;
      const until = notAfter === undefined ? "" : ` to ${shown(notAfter)}`;
      const text = `maintenance (${code}) is scheduled from ${shown(notBefore)}${until}: ${notice.text}`;
      return { kind: "maintenance", id: `maintenance ${id} ${notBefore}`, text, deadline: notBefore };
    }
  }
}

/** Announced times have no milliseconds. */
function shown(iso: string): string {
  return iso.replace(/\.\d+Z$/, "Z");
}

/**
 * The departures that follow from the target state in the Auto Scaling group (`GroupTarget` of ports/lifecycle.ts).
 * Pure.
 */
export function departuresFrom(target: string | undefined): readonly Departure[] {
  switch (target) {
    case "terminated":
      return [{ kind: "scale-in", id: "scale-in", text: "the Auto Scaling group terminates this instance" }];
    case "standby":
      return [{ kind: "standby", id: "standby", text: "somebody put this instance into standby" }];
    case "detached":
      return [{ kind: "standby", id: "detached", text: "somebody detached this instance from its Auto Scaling group" }];
    default:
      return [];
  }
}
