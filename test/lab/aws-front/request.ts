// Reads an AWS request: whose, for which service, which action.
import type { IncomingMessage } from "node:http";

import type { AwsRequest } from "./handler.ts";

/** Longer than any batch that Route 53 takes. */
const maxBytes = 4 * 1024 * 1024;

export async function readRequest(incoming: IncomingMessage): Promise<AwsRequest> {
  const { method = "GET", url = "/" } = incoming;
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );
  const body = await readBody(incoming);
  const scope = credentialScope(headers["authorization"]);
  const service = scope.service ?? headers["host"]?.split(".")[0] ?? "";
  const query = url.split("?")[1] ?? "";
  const isForm = (headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
  const params = new URLSearchParams(isForm ? body : query);
  const path = url.split("?")[0] ?? "/";
  return {
    service,
    action: params.get("Action") ?? headers["x-amz-target"]?.split(".").at(-1) ?? restAction(service, method, path),
    params,
    region: scope.region ?? "us-east-1",
    accessKeyId: scope.accessKeyId ?? "",
    // An IPv4 address may come as ::ffff:10.66.0.16.
    sourceAddress: incoming.socket.remoteAddress?.replace(/^::ffff:/, "") ?? "",
    method,
    url,
    headers,
    body,
  };
}

/** `AWS4-HMAC-SHA256 Credential=AKID/20260102/eu-west-1/ec2/aws4_request, …` */
function credentialScope(authorization = "") {
  const [, accessKeyId, region, service] =
    /Credential=([^/,\s]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(authorization) ?? [];
  return { accessKeyId, region, service };
}

/** Route 53's operations, as its API reference lists them under "Request Syntax". */
const route53: readonly (readonly [string, RegExp, string])[] = [
  ["POST", /^\/hostedzone\/[^/]+\/rrset$/, "ChangeResourceRecordSets"],
  ["GET", /^\/hostedzone\/[^/]+\/rrset$/, "ListResourceRecordSets"],
  ["GET", /^\/change\/[^/]+$/, "GetChange"],
  ["GET", /^\/hostedzonesbyname$/, "ListHostedZonesByName"],
  ["GET", /^\/hostedzonesbyvpc$/, "ListHostedZonesByVPC"],
  ["GET", /^\/hostedzone$/, "ListHostedZones"],
  ["POST", /^\/hostedzone$/, "CreateHostedZone"],
  ["GET", /^\/hostedzone\/[^/]+$/, "GetHostedZone"],
  ["DELETE", /^\/hostedzone\/[^/]+$/, "DeleteHostedZone"],
];

function restAction(service: string, method: string, path: string): string {
  const resource = path.replace(/^\/2013-04-01/, "").replace(/\/$/, "");
  const known = route53.find(([verb, pattern]) => verb === method && pattern.test(resource));
  return service === "route53" && known ? known[2] : `${method} ${path}`;
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk as Buffer);
    length += bytes.length;
    if (length > maxBytes) throw new Error("a request that is longer than any of AWS's limits");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}
