import { createServer, type Server } from "node:http";
import { failure, success } from "../lab/aws-front/answers.ts";
import type { AwsDeps } from "../../src/adapters/aws/call.ts";
import { startFront, type Front } from "../lab/aws-front/front.ts";
import { forActions, list, type Handler } from "../lab/aws-front/handler.ts";
import type { TargetGroup } from "../lab/aws-front/target-groups.ts";
import { fields } from "../unit/adapters/aws/aws-server.ts";

/** Of every group. */
export const vpc = "vpc-0a1b2c3d";

/** Where the targets of these tests serve. */
export const port = 8080;

/** Services that answer at these addresses: 200, or 503 while they are sick. */
export async function startServices(addresses: readonly string[]): Promise<{
  setHealthy(target: { readonly address: string }, healthy: boolean): Promise<void>;
  stop(): Promise<void>;
}> {
  const sick = new Set<string>();
  const servers: Server[] = [];
  for (const address of addresses) {
    const server = createServer((_request, answer) => void answer.writeHead(sick.has(address) ? 503 : 200).end());
    await new Promise<void>((resolve) => server.listen(port, address, resolve));
    servers.push(server);
  }
  return {
    async setHealthy({ address }, healthy) {
      if (healthy) sick.delete(address);
      else sick.add(address);
    },
    async stop() {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

/** A front without moto, which this process takes for AWS from now on. */
export async function startAlone(subnet: string, handlers: readonly Handler[]): Promise<Front> {
  const front = await startFront({ address: `${subnet}.1`, port: 4566, upstream: `http://${subnet}.2:9`, handlers });
  process.env["AWS_ENDPOINT_URL"] = front.endpoint;
  process.env["AWS_ACCESS_KEY_ID"] = "AKIAEXAMPLE";
  process.env["AWS_SECRET_ACCESS_KEY"] = "secret";
  return front;
}

/** What the adapters are made with; the operations that they call are listed in `operations`. */
export function depsListing(operations: string[]): AwsDeps {
  return {
    region: async () => "eu-west-1",
    onCall: ({ operation }) => operations.push(operation),
    monotonicMs: () => performance.now(),
  };
}

/** A group whose check takes half a second to make up its mind. */
export function group(name: string, type: "instance" | "ip", family: "ipv4" | "ipv6" = "ipv4"): TargetGroup {
  const check = { protocol: "HTTP", path: "/", codes: "200", intervalMs: 200, timeoutMs: 200 } as const;
  const arn = `arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/${name}/0123456789abcdef`;
  return { arn, name, type, family, port, inUse: true, drainMs: 20_000, check: { ...check, passes: 2, failures: 2 } };
}

/** What moto would say of target groups, were it here. */
export function describing(
  groups: readonly TargetGroup[],
  tagged: ReadonlyMap<string, { readonly key: string; readonly value: string }> = new Map(),
): Handler {
  return forActions(
    "target groups",
    "elasticloadbalancing",
    ["DescribeTargetGroups", "DescribeTags"],
    async (request) => {
      if (request.action === "DescribeTags") {
        const rows = list(request.params, "ResourceArns.member").map((arn) => {
          const tag = tagged.get(groups.find((one) => one.arn === arn)?.name ?? "");
          const tags = tag === undefined ? "" : `<member><Key>${tag.key}</Key><Value>${tag.value}</Value></member>`;
          return `<member><ResourceArn>${arn}</ResourceArn><Tags>${tags}</Tags></member>`;
        });
        return success(request, `<TagDescriptions>${rows.join("")}</TagDescriptions>`);
      }
      const names = [...list(request.params, "Names.member"), ...list(request.params, "TargetGroupArns.member")];
      const found = groups.filter(({ name, arn }) => names.length === 0 || names.includes(name) || names.includes(arn));
      // One that is missing fails the request:
      // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetGroups.html
      if (found.length < Math.max(1, names.length))
        return failure(request, { status: 400, code: "TargetGroupNotFound", message: "not found" });
      const rows = found.map((one) => {
        const { arn, name: TargetGroupName, type: TargetType, family: IpAddressType = "ipv4", network, check } = one;
        const pace = {
          Protocol: network === true ? "TCP" : "HTTP",
          HealthCheckIntervalSeconds: String(Math.max(1, check.intervalMs / 1_000)),
          HealthCheckTimeoutSeconds: String(Math.max(1, check.timeoutMs / 1_000)),
          HealthyThresholdCount: String(check.passes),
        };
        return `<member>${fields({ TargetGroupArn: arn, TargetGroupName, TargetType, IpAddressType, VpcId: vpc, ...pace })}</member>`;
      });
      return success(request, `<TargetGroups>${rows.join("")}</TargetGroups>`);
    },
  );
}
