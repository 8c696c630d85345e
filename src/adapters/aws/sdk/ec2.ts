// Named one by one, so that the build keeps nothing else of the client.
export { CreateTagsCommand, DescribeTagsCommand, EC2Client } from "@aws-sdk/client-ec2";
