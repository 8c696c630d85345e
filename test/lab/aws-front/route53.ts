// Route 53's records, kept here and not in moto: batches are atomic, and nothing is taken that AWS refuses.
import { randomBytes } from "node:crypto";

import { document, element, failure } from "./answers.ts";
import { denied } from "./faults.ts";
import type { Answer, AwsRequest, Handler } from "./handler.ts";
import { applyBatch, type RecordSet } from "./route53-batch.ts";
import {
  absolute,
  answerDocument,
  printed,
  readBatch,
  readCreatedZone,
  recordSetElement,
  zoneElement,
  type Zone,
} from "./route53-xml.ts";

export interface Route53Options {
  /** All zones there are; nothing is asked of moto. Without it: those that moto made through the front. */
  zones?: readonly Zone[];
  /** The account that a key belongs to; absent: there is one account, and it has every zone. */
  accountOf?: (accessKeyId: string) => string | undefined;
  /** How long a change is PENDING, in milliseconds; on AWS up to 60,000. */
  pendingMs?: number;
  /** How long a zone is busy with a change, and refuses others (`PriorRequestNotComplete`), in milliseconds. */
  busyMs?: number;
}

export interface Route53 extends Handler {
  /** Can be set at any time. */
  pendingMs: number;
  busyMs: number;
  /** What the zone of that name or id holds, without its NS and SOA. */
  records(zone: string): readonly RecordSet[];
}

const pageSize = 300;

export function createRoute53(options: Route53Options = {}): Route53 {
  const alone = options.zones !== undefined;
  let zones: readonly Zone[] = options.zones ?? [];
  const records = new Map<string, readonly RecordSet[]>();
  const changes = new Map<string, Date>();
  const busyUntil = new Map<string, number>();

  function recordsOf(zone: Zone): readonly RecordSet[] {
    return records.get(zone.id) ?? ownRecords(zone);
  }

  function change(request: AwsRequest, zone: Zone): Answer {
    const batch = readBatch(request.body);
    if (typeof batch === "string") return failure(request, { status: 400, code: "InvalidInput", message: batch });
    if (Date.now() < (busyUntil.get(zone.id) ?? 0)) {
      const message = "The request was rejected because Route 53 was still processing a prior request.";
      return failure(request, { status: 400, code: "PriorRequestNotComplete", message });
    }
    const { sets, messages } = applyBatch(zone.name, recordsOf(zone), batch);
    if (messages.length > 0) {
      const message = `[${messages.join(", ")}]`;
      return failure(request, { status: 400, code: "InvalidChangeBatch", message });
    }
    records.set(zone.id, sets);
    busyUntil.set(zone.id, Date.now() + route53.busyMs);
    const id = `C${randomBytes(10).toString("hex").toUpperCase()}`;
    const now = new Date();
    changes.set(id, now);
    return document(200, answerDocument("ChangeResourceRecordSetsResponse", changeInfo(id, now, "PENDING")));
  }

  function getChange(request: AwsRequest, id: string): Answer {
    const submitted = changes.get(id);
    if (submitted === undefined)
      return failure(request, { status: 404, code: "NoSuchChange", message: `Could not find resource with ID: ${id}` });
    const status = Date.now() - submitted.getTime() < route53.pendingMs ? "PENDING" : "INSYNC";
    return document(200, answerDocument("GetChangeResponse", changeInfo(id, submitted, status)));
  }

  /** A zone is shown to the account that has it, and to no other. */
  function isOf(zone: Zone, { accessKeyId }: AwsRequest): boolean {
    return options.accountOf === undefined || zone.account === options.accountOf(accessKeyId);
  }

  function listZones(request: AwsRequest): Answer {
    const { params } = request;
    const from = orderOf(absolute(params.get("dnsname") ?? ""));
    const named = zones
      .filter((zone) => isOf(zone, request))
      .filter(({ name }) => orderOf(name) >= from)
      .toSorted((one, other) => compare([orderOf(one.name), one.id], [orderOf(other.name), other.id]));
    const most = Math.min(Number(params.get("maxitems") ?? 100), 100);
    const [page, next] = [named.slice(0, most), named[most]];
    const content = [
      `<HostedZones>${page.map((zone) => zoneElement(zone, recordsOf(zone).length)).join("")}</HostedZones>`,
      element("DNSName", params.get("dnsname") ?? undefined),
      element("IsTruncated", next !== undefined),
      element("NextDNSName", next?.name),
      element("NextHostedZoneId", next?.id),
      element("MaxItems", most),
    ];
    return document(200, answerDocument("ListHostedZonesByNameResponse", content.join("")));
  }

  function zoneOf(url: string): { readonly id: string; readonly zone: Zone | undefined } {
    const id = /\/hostedzone\/([^/?]+)/.exec(url)?.[1] ?? "";
    return { id, zone: zones.find((zone) => zone.id === id) };
  }

  /** What moto says of a permission and of zones counts; what it says of records does not. */
  async function handle(request: AwsRequest, forward: () => Promise<Answer>): Promise<Answer> {
    const original = alone ? undefined : await forward();
    // moto's own denial is no answer that the SDK can read.
    if (original?.status === 403) return denied(request);
    const { id, zone } = zoneOf(request.url);
    switch (request.action) {
      case "CreateHostedZone": {
        const created = original?.status === 201 ? readCreatedZone(original.body) : undefined;
        if (created !== undefined) zones = [...zones, created];
        return (
          original ?? failure(request, { status: 400, code: "InvalidInput", message: "The list of zones is fixed" })
        );
      }
      case "DeleteHostedZone":
        if (original !== undefined && original.status < 300) zones = zones.filter((one) => one.id !== id);
        return (
          original ?? failure(request, { status: 400, code: "InvalidInput", message: "The list of zones is fixed" })
        );
      case "ListHostedZonesByName":
        return listZones(request);
      case "GetChange":
        return getChange(request, /\/change\/([^/?]+)/.exec(request.url)?.[1] ?? "");
      default:
    }
    if (zone === undefined)
      return failure(request, {
        status: 404,
        code: "NoSuchHostedZone",
        message: `No hosted zone found with ID: ${id}`,
      });
    if (!isOf(zone, request)) return denied(request);
    return request.action === "ChangeResourceRecordSets"
      ? change(request, zone)
      : listRecords(request, recordsOf(zone));
  }

  const route53: Route53 = {
    name: "route53",
    pendingMs: options.pendingMs ?? 0,
    busyMs: options.busyMs ?? 0,
    match: ({ service, action }) => service === "route53" && actions.has(action),
    handle: (request, forward) => handle(request, forward),
    records(which) {
      const zone = zones.find(({ id, name }) => id === which || name === absolute(which));
      if (zone === undefined) throw new Error(`there is no zone ${which}`);
      return recordsOf(zone).filter(({ type }) => type !== "NS" && type !== "SOA");
    },
    reset() {
      if (!alone) zones = [];
      for (const kept of [records, changes, busyUntil]) kept.clear();
    },
  };
  return route53;
}

const actions: ReadonlySet<string> = new Set([
  "ChangeResourceRecordSets",
  "CreateHostedZone",
  "DeleteHostedZone",
  "GetChange",
  "ListHostedZonesByName",
  "ListResourceRecordSets",
]);

function listRecords(request: AwsRequest, sets: readonly RecordSet[]): Answer {
  const { params } = request;
  const [name, type, identifier] = [params.get("name"), params.get("type"), params.get("identifier")];
  if (name === null && type !== null)
    return failure(request, { status: 400, code: "InvalidInput", message: "The value of type has to come with name" });
  const from = name === null ? [] : [orderOf(absolute(name)), type ?? "", identifier ?? ""];
  const sorted = sets
    .map((set) => ({ set, order: [orderOf(set.name), set.type, set.identifier ?? ""] }))
    .filter(({ order }) => compare(order, from) >= 0)
    .toSorted((one, other) => compare(one.order, other.order))
    .map(({ set }) => set);
  const most = Math.min(Number(params.get("maxitems") ?? pageSize), pageSize);
  const next = sorted[most];
  const content = [
    `<ResourceRecordSets>${sorted.slice(0, most).map(recordSetElement).join("")}</ResourceRecordSets>`,
    element("IsTruncated", next !== undefined),
    element("NextRecordName", next && printed(next.name)),
    element("NextRecordType", next?.type),
    element("NextRecordIdentifier", next?.identifier),
    element("MaxItems", most),
  ];
  return document(200, answerDocument("ListResourceRecordSetsResponse", content.join("")));
}

function changeInfo(id: string, submitted: Date, status: "PENDING" | "INSYNC"): string {
  const fields = [
    element("Id", `/change/${id}`),
    element("Status", status),
    element("SubmittedAt", submitted.toISOString()),
  ];
  return `<ChangeInfo>${fields.join("")}</ChangeInfo>`;
}

/** Every zone is born with these two. */
function ownRecords({ name }: Zone): readonly RecordSet[] {
  const server = "ns-1.awsdns-00.com.";
  return [
    { name, type: "NS", ttl: 172_800, values: [server] },
    { name, type: "SOA", ttl: 900, values: [`${server} awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`] },
  ];
}

/** Sorted by reversed labels with a trailing dot, in ASCII order. */
function orderOf(name: string): string {
  return `${printed(name).replace(/\.$/, "").split(".").toReversed().join(".")}.`;
}

function compare(one: readonly string[], other: readonly string[]): number {
  for (const [at, part] of other.entries()) {
    const mine = one[at] ?? "";
    if (mine !== part) return mine < part ? -1 : 1;
  }
  return 0;
}
