import { z } from "zod";
import { printable } from "../../domain/role/names.ts";

const schema = z.object({
  accountId: z.string().regex(/^\d{12}$/),
  availabilityZone: z.string().min(1),
  instanceId: z.string().regex(/^i-[0-9a-f]{8,17}$/),
  // The separate page wins and reports problems, so a wrong value here loses only itself.
  privateIp: z.string().optional().catch(undefined),
  /** When the instance was launched, or started after a stop. Only how young it is depends on it. */
  pendingTime: z.iso.datetime().optional().catch(undefined),
  region: z.string().regex(/^[a-z0-9-]+$/),
});

/** The used parts of the instance identity document. */
export type IdentityDocument = z.infer<typeof schema>;

/** The document, or what is wrong with the text, with the value in quotes. */
export function parseDocument(text: string): { readonly document: IdentityDocument } | { readonly why: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { why: `it is no JSON: ${quoted(text)}` };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { document: parsed.data };
  const name = parsed.error.issues[0]?.path[0];
  if (typeof name !== "string" || typeof value !== "object" || value === null) return { why: `it is ${quoted(text)}` };
  const found: unknown = Object.entries(value).find(([key]) => key === name)?.[1];
  if (found === undefined) return { why: `it has no ${name}` };
  return { why: `its ${name} is ${typeof found === "string" ? quoted(found) : quoted(JSON.stringify(found))}` };
}

function quoted(text: string): string {
  return JSON.stringify(printable(text));
}
