// Users who come through the balancer all the time, and notice everything.
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";

import type { Haproxy } from "../../lab/services/haproxy.ts";
import { publicName } from "./outside.ts";

export interface Failure {
  /** ISO 8601, to be laid beside the instance's log. */
  at: string;
  /** The HTTP status, or the error of the connection. */
  what: string;
}

export interface LoadReport {
  ok: number;
  failures: readonly Failure[];
  /** The longest time that a user waited, in milliseconds. */
  slowestMs: number;
}

export interface Load {
  /** So far. */
  readonly report: LoadReport;
  /** Waits for those who are still being served. */
  stop(): Promise<LoadReport>;
}

/** More than this are never under way: a balancer that does not answer is not flooded. */
const mostAtOnce = 32;

/** A balancer that users come through: a `World`, or what stands for one of AWS. */
export interface Balanced {
  services: { haproxy: Pick<Haproxy, "get"> };
}

/**
 * Fetches `path` through HAProxy at a steady pace, whether earlier requests are answered or not.
 * @param perSecond at most 100; the machine is shared
 * @param host the name that users ask for
 */
export function startLoad(
  { services }: Balanced,
  options: { perSecond?: number; path?: string; host?: string } = {},
): Load {
  const { perSecond = 50, path = "/", host = publicName } = options;
  const failures: Failure[] = [];
  const report = { ok: 0, failures, slowestMs: 0 };
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();

  async function user(): Promise<void> {
    const begun = performance.now();
    const at = new Date().toISOString();
    const what = await services.haproxy.get(path, { host }).then(({ status }) => String(status), String);
    report.slowestMs = Math.max(report.slowestMs, performance.now() - begun);
    if (what === "200") report.ok += 1;
    else failures.push({ at, what });
  }

  async function come(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (underWay.size < mostAtOnce) {
        const one: Promise<void> = user().finally(() => underWay.delete(one));
        underWay.add(one);
      }
      await sleep(1000 / Math.min(perSecond, 100));
    }
  }

  const coming = come();
  return {
    report,
    async stop() {
      stopping.abort();
      await coming;
      await Promise.all(underWay);
      return report;
    },
  };
}

/** Ends the load; nobody was turned away, and there was somebody to turn away. */
export async function expectNoFailures(load: Load, atLeast = 50): Promise<void> {
  const { ok, failures } = await load.stop();
  expect(failures, "requests that failed").toEqual([]);
  expect(ok, "requests that were answered").toBeGreaterThanOrEqual(atLeast);
}
