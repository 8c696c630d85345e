// The AWS APIs that muster uses. The SDK of each is loaded for its first call, so that no start waits for it.
import type { AwsDeps } from "./call.ts";
import { createApi } from "./client.ts";

export type AutoScaling = ReturnType<typeof createAutoScaling>;
export type ElbV2 = ReturnType<typeof createElbV2>;
export type Route53 = ReturnType<typeof createRoute53Api>;

export const createAutoScaling = (deps: AwsDeps) =>
  createApi(deps, async (options) => {
    const sdk = await import("./sdk/auto-scaling.ts");
    return { sdk, client: new sdk.AutoScalingClient(options) };
  });

/** Classic Load Balancers. */
export const createElb = (deps: AwsDeps) =>
  createApi(deps, async (options) => {
    const sdk = await import("./sdk/elb.ts");
    return { sdk, client: new sdk.ElasticLoadBalancingClient(options) };
  });

/** Target groups of Application, Network and Gateway Load Balancers. */
export const createElbV2 = (deps: AwsDeps) =>
  createApi(deps, async (options) => {
    const sdk = await import("./sdk/elbv2.ts");
    return { sdk, client: new sdk.ElasticLoadBalancingV2Client(options) };
  });

export const createEc2 = (deps: AwsDeps) =>
  createApi(deps, async (options) => {
    const sdk = await import("./sdk/ec2.ts");
    return { sdk, client: new sdk.EC2Client(options) };
  });

/** One service for all regions: the region decides the partition (AWS, AWS in China …). */
export const createRoute53Api = (deps: AwsDeps) =>
  createApi(deps, async (options) => {
    const sdk = await import("./sdk/route53.ts");
    return { sdk, client: new sdk.Route53Client(options) };
  });

/** Of the instance's region: roles of other accounts are assumed there. */
export const createStsApi = (deps: AwsDeps) =>
  createApi(deps, async (options) => {
    const sdk = await import("./sdk/sts.ts");
    return { sdk, client: new sdk.STSClient(options) };
  });
