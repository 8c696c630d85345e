import { z } from "zod";

const schema = z.object({
  accountId: z.string().regex(/^\d{12}$/),
  availabilityZone: z.string().min(1),
  instanceId: z.string().regex(/^i-[0-9a-f]{8,17}$/),
  privateIp: z.string().optional(),
  region: z.string().regex(/^[a-z0-9-]+$/),
});

/** The instance identity document, as far as it is used. */
export type IdentityDocument = z.infer<typeof schema>;

/** Undefined when the text is no such document. */
export function parseDocument(text: string): IdentityDocument | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
