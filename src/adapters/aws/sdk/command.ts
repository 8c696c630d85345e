import type { $Command, DescribeTagsCommandOutput } from "@aws-sdk/client-ec2";

/** The base of every command, and what every output has; all clients have the same ones. */
export type { $Command };
export type MetadataBearer = Pick<DescribeTagsCommandOutput, "$metadata">;
