// The image that all four boot: the lab's own, and what the other three need besides.
import type { Addition } from "../../test/lab/prepare/image.ts";

export const benchImage: Addition = { name: "bench", packages: ["awscli", "cloud-init", "time"] };
