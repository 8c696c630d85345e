import { z } from "zod";
import { type CloudNotice, maintenanceStates, spotActions } from "../../domain/cloud-notice.ts";
import type { NoticeCode } from "../../domain/error-codes.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Notices } from "../../ports/notices.ts";
import type { Imds } from "./imds.ts";

export type AwsNoticesDeps = {
  readonly imds: Imds;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly onWarning: (code: NoticeCode, text: string) => void;
};

/** Maintenance is announced days ahead, and cancelled in hours. */
const maintenanceMs = 5 * 60_000;

/** A spot instance has two minutes; elsewhere only what its Auto Scaling group wants may be a matter of seconds. */
const spotLookMs = 5_000;
const lookMs = 15_000;

/** A page with notices: where it is, and what it says. */
type Page = { readonly path: string; readonly read: (text: string) => readonly CloudNotice[] };

/**
 * Notices as the metadata service tells them; a page that is not there (404) has none.
 * Facts: docs.aws.amazon.com, "Spot Instance interruption notices" (look every 5 seconds), "EC2 instance rebalance
 * recommendations", "View scheduled events that affect your Amazon EC2 instances". The first two are for spot
 * instances alone, so others are not asked about them.
 */
export function createAwsNotices({ imds, clock, onWarning }: AwsNoticesDeps): Notices {
  let isSpot: boolean | undefined;
  let maintenance: { readonly notices: readonly CloudNotice[]; readonly untilMs: number } | undefined;
  /** What each page said last, by its path, and what it was understood to say. */
  const known = new Map<string, { readonly text: string; readonly notices: readonly CloudNotice[] }>();

  async function ask({ path, read }: Page, signal: AbortSignal): Promise<readonly CloudNotice[]> {
    const text = await imds.get(`meta-data/${path}`, signal);
    if (text === undefined) {
      known.delete(path);
      return [];
    }
    const last = known.get(path);
    if (last?.text === text) return last.notices;
    const notices = understand(text, read);
    if (notices === undefined) {
      const said = JSON.stringify(text.slice(0, 200));
      onWarning("cloud-notice-unreadable", `The metadata page ${path} cannot be understood: ${said}`);
    }
    // Garbage takes nothing back.
    const now = { text, notices: notices ?? last?.notices ?? [] };
    known.set(path, now);
    return now.notices;
  }

  async function askMaintenance(signal: AbortSignal): Promise<readonly CloudNotice[]> {
    const nowMs = clock.monotonicMs();
    if (maintenance === undefined || maintenance.untilMs <= nowMs) {
      maintenance = { notices: await ask(scheduled, signal), untilMs: nowMs + maintenanceMs };
    }
    return maintenance.notices;
  }

  return {
    everyMs: () => (isSpot === false ? lookMs : spotLookMs),
    async pending(signal) {
      // What cannot tell is asked about everything.
      isSpot ??= (await imds.get("meta-data/instance-life-cycle", signal))?.trim() !== "on-demand";
      // Together: waking up costs more than a request.
      const pages = isSpot ? [spot, rebalance, scheduled] : [scheduled];
      const asked = await Promise.allSettled(
        pages.map(async (page) => await (page === scheduled ? askMaintenance(signal) : ask(page, signal))),
      );
      signal.throwIfAborted();
      const failed = asked.find((one) => one.status === "rejected");
      const told = asked.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
      if (failed !== undefined && told.length === 0) throw failed.reason;
      // A page that fails hides no notice on another, and takes back none of its own.
      return asked.flatMap((one, at) =>
        one.status === "fulfilled" ? one.value : (known.get(pages[at]?.path ?? "")?.notices ?? []),
      );
    },
  };
}

function understand(text: string, read: Page["read"]): readonly CloudNotice[] | undefined {
  try {
    return read(text);
  } catch {
    return undefined;
  }
}

/** AWS writes times in two ways, `2026-11-21T08:02:00Z` and `21 Nov 2026 08:02:00 GMT`. */
const time = z
  .string()
  .refine((value) => !Number.isNaN(Date.parse(value)))
  .transform((value) => new Date(value).toISOString());

const spotPage = z.object({ action: z.enum(spotActions), time });

const spot: Page = {
  path: "spot/instance-action",
  read(text) {
    const { action, time: at } = spotPage.parse(JSON.parse(text));
    return [{ kind: "spot", action, at }];
  },
};

const rebalancePage = z.object({ noticeTime: time });

const rebalance: Page = {
  path: "events/recommendations/rebalance",
  read(text) {
    return [{ kind: "rebalance", noticedAt: rebalancePage.parse(JSON.parse(text)).noticeTime }];
  },
};

const maintenancePage = z.array(
  z.object({
    EventId: z.string(),
    Code: z.string(),
    Description: z.string().prefault(""),
    NotBefore: time,
    NotAfter: time.optional(),
    State: z.enum(maintenanceStates),
  }),
);

const scheduled: Page = {
  path: "events/maintenance/scheduled",
  read(text) {
    return maintenancePage.parse(JSON.parse(text)).map((event) => ({
      kind: "maintenance",
      id: event.EventId,
      code: event.Code,
      text: event.Description,
      notBefore: event.NotBefore,
      ...(event.NotAfter === undefined ? {} : { notAfter: event.NotAfter }),
      state: event.State,
    }));
  },
};
