// Named one by one, so that the build keeps nothing else of the client.
export {
  DeregisterTargetsCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
export type { TargetHealthDescription } from "@aws-sdk/client-elastic-load-balancing-v2";
