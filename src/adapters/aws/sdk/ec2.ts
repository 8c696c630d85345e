// Named one by one, so that the build keeps nothing else of the client.
export {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeInstancesCommand,
  DescribeTagsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
