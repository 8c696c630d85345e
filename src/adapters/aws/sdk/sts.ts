// Named one by one, so that the build keeps nothing else of the client.
export { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
