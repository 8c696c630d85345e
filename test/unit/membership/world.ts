import { localPace } from "../../../src/adapters/local/pace.ts";
import type { ErrorCode } from "../../../src/domain/errors/error-codes.ts";
import { MusterError } from "../../../src/domain/errors/errors.ts";
import type { DnsRecord, Owner, Endpoints, Target } from "../../../src/domain/membership/membership.ts";
import { createMembership, type Membership } from "../../../src/membership/membership.ts";
import type { MembershipEvent } from "../../../src/membership/reconcile/report.ts";
import type { WishRequest } from "../../../src/membership/wish.ts";
import { createFakeClock, type FakeClock } from "../../fakes/clock.ts";
import { createFakeDns, type FakeDns } from "../../fakes/dns.ts";
import { createFakeLoadBalancer, type FakeLoadBalancer } from "../../fakes/load-balancer.ts";
import { createFakeStateFiles, type FakeStateFiles } from "../../fakes/state-files.ts";
import { createFakeTagWriter, type FakeTagWriter } from "../../fakes/tag-writer.ts";

export const owner: Owner = { account: "local", region: "local", instance: "i-1" };
export const zone = "example.internal";

/** A membership with fakes all around it. */
export type World = {
  readonly clock: FakeClock;
  readonly files: FakeStateFiles;
  readonly balancer: FakeLoadBalancer;
  readonly dns: FakeDns;
  readonly tags: FakeTagWriter;
  readonly membership: Membership;
  readonly events: MembershipEvent[];
  readonly listen: (event: MembershipEvent) => void;
};

/** @param before a world whose process died: everything but the process is still there */
export function createWorld(before?: World): World {
  const clock = before?.clock ?? createFakeClock();
  const files = before?.files ?? createFakeStateFiles();
  const balancer = before?.balancer ?? createFakeLoadBalancer(["web", "api"]);
  const dns = before?.dns ?? createFakeDns([zone]);
  const tags = before?.tags ?? createFakeTagWriter();
  const events: MembershipEvent[] = [];
  const listen = (event: MembershipEvent): void => void events.push(event);
  const membership = createMembership({ files, clock, balancer, dns, tags, tagPrefix: "muster:", pace: localPace });
  return { clock, files, balancer, dns, tags, membership, events, listen };
}

export function target(group = "web", port = 80, address = "10.0.0.1"): Target {
  return { group, instance: "i-1", member: `i-1-${port}`, address, port, deadlineMs: 60_000, drainMs: 20_000 };
}

export function record(label = "web", value = "10.0.0.1", ttl = 30): DnsRecord {
  return { zone, name: `${label}.${zone}`, type: "A", ttl, value };
}

export const home: Endpoints = { targets: [target()], records: [record()] };

export function wantIn(places: Endpoints = home, more: Partial<WishRequest> = {}): WishRequest {
  const tags = { state: "in-service", reason: "every gate passed", commit: "c1", run: "r1" };
  return { want: "in", by: "run", reason: "every gate passed", bootId: "boot-1", places, owner, tags, ...more };
}

export function wantOut(more: Partial<WishRequest> = {}): WishRequest {
  return { want: "out", by: "operator", reason: "muster drain", bootId: "boot-1", ...more };
}

export const never = new AbortController().signal;

/** `register started`, `dns changed` and so on. */
export function story(events: readonly MembershipEvent[]): readonly string[] {
  return events.flatMap((event) => {
    if (event.type === "stage-started") return [`${event.stage} started`];
    if (event.type === "stage-finished") return [`${event.stage} ${event.outcome}`];
    if (event.type === "notice") return [`notice ${event.code}`];
    return [];
  });
}

export function trouble(code: ErrorCode, transient: boolean): MusterError {
  return new MusterError({ code, message: `trouble: ${code}`, hint: "Wait.", transient });
}
