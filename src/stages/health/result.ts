import { z } from "zod";

/** The recorded result of a passed gate. */
export const healthResultSchema = z.object({
  checks: z.array(z.object({ tier: z.string(), name: z.string(), seen: z.string(), attempts: z.number() })),
});

export type HealthResult = z.infer<typeof healthResultSchema>;
