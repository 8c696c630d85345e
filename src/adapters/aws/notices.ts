import type { CloudNotice } from "../../domain/membership/cloud-notice.ts";
import type { LogNoticeCode } from "../../domain/errors/error-codes.ts";
import type { Clock } from "../../ports/clock.ts";
import type { CloudNotices } from "../../ports/cloud-notices.ts";
import type { Imds } from "./imds.ts";
import type { OnUnknown } from "./unknown-values.ts";
import {
  maintenancePage,
  rebalancePage,
  spotPage,
  type NoticePage,
  type Otherwise,
  type Said,
} from "./notice-pages.ts";

export type AwsNoticesDeps = {
  readonly imds: Imds;
  readonly clock: Pick<Clock, "monotonicMs" | "now">;
  readonly onWarning: (code: LogNoticeCode, text: string) => void;
  /** Absent: words that this version does not know are not said. */
  readonly onUnknown?: OnUnknown;
};

/** EC2 User Guide, "Instance metadata categories", and `InstanceLifecycleType` in the API Reference. */
const purchases = ["on-demand", "spot", "scheduled", "capacity-block", "interruptible-capacity-reservation"];

/** Maintenance is announced days ahead, and cancelled in hours. */
const maintenanceMs = 5 * 60_000;

/** A spot instance has two minutes; on others only the target state in the group may be a matter of seconds. */
const spotLookMs = 5_000;
const pollMs = 15_000;

/**
 * The notices of the metadata service; a missing page (404) has none.
 * Facts: docs.aws.amazon.com, "Spot Instance interruption notices" (poll every 5 seconds), "EC2 instance rebalance
 * recommendations", "View scheduled events that affect your Amazon EC2 instances". The first two are for spot instances
 * alone, so other instances do not request them.
 */
export function createAwsNotices({ imds, clock, onWarning, onUnknown }: AwsNoticesDeps): CloudNotices {
  let isSpot: boolean | undefined;
  let maintenance: { readonly notices: readonly CloudNotice[]; readonly untilMs: number } | undefined;
  /** The last text of each page, by its path, and the notices in it. */
  const known = new Map<string, { readonly text: string; readonly notices: readonly CloudNotice[] }>();

  async function ask(page: NoticePage, signal: AbortSignal): Promise<readonly CloudNotice[]> {
    const { path } = page;
    const text = await imds.get(`meta-data/${path}`, signal);
    if (text === undefined) {
      known.delete(path);
      return [];
    }
    const last = known.get(path);
    if (last?.text === text) return last.notices;
    const before = last?.notices ?? [];
    const said = understand(page, text, { now: clock.now(), before });
    const wrong = said === undefined ? JSON.stringify(text.slice(0, 200)) : said.malformed.join(", ");
    if (wrong !== "") {
      const how = said === undefined ? "cannot be understood" : "is malformed, the rest of it counts";
      onWarning("cloud-notice-unreadable", `The metadata page ${path} ${how}: ${wrong}`);
    }
    // Malformed text takes back no notice.
    const now = { text, notices: said?.notices ?? before };
    known.set(path, now);
    return now.notices;
  }

  async function askMaintenance(signal: AbortSignal): Promise<readonly CloudNotice[]> {
    const nowMs = clock.monotonicMs();
    if (maintenance === undefined || maintenance.untilMs <= nowMs) {
      maintenance = { notices: await ask(maintenancePage, signal), untilMs: nowMs + maintenanceMs };
    }
    return maintenance.notices;
  }

  async function mayBeSpot(signal: AbortSignal): Promise<boolean> {
    const purchase = (await imds.get("meta-data/instance-life-cycle", signal))?.trim();
    if (purchase !== undefined && !purchases.includes(purchase)) {
      onUnknown?.(
        "The purchase option in the metadata (instance-life-cycle)",
        purchase,
        "spot: its notices are looked for",
      );
    }
    return purchase !== "on-demand";
  }

  return {
    everyMs: () => (isSpot === false ? pollMs : spotLookMs),
    async pending(signal) {
      // Without an answer, every page is requested.
      isSpot ??= await mayBeSpot(signal);
      // Together: a wake-up costs more than a request.
      const pages = isSpot ? [spotPage, rebalancePage, maintenancePage] : [maintenancePage];
      const asked = await Promise.allSettled(
        pages.map(async (page) => await (page === maintenancePage ? askMaintenance(signal) : ask(page, signal))),
      );
      signal.throwIfAborted();
      const failed = asked.find((one) => one.status === "rejected");
      const told = asked.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
      if (failed !== undefined && told.length === 0) throw failed.reason;
      // A page that fails hides no notice of another, and takes back none of its own.
      return asked.flatMap((one, at) =>
        one.status === "fulfilled" ? one.value : (known.get(pages[at]?.path ?? "")?.notices ?? []),
      );
    },
  };
}

function understand(page: NoticePage, text: string, otherwise: Otherwise): Said | undefined {
  try {
    return page.read(text, otherwise);
  } catch {
    return undefined;
  }
}
