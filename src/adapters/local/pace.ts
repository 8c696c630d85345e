import type { CloudPace } from "../../ports/pace.ts";

/** A balancer and a DNS server in the same rack, asked by one socket each. */
export const localPace: CloudPace = {
  membership: {
    pollMs: 500,
    pollMaxMs: 500,
    backoff: { firstMs: 500, maxMs: 10_000 },
    patientMs: 60_000,
    putOffMs: 10_000,
    leaveLimitMs: 20_000,
  },
  intervals: { everyMs: 30_000, afterFailureMs: 30_000, tagsMs: 10_000 },
  spreadMs: 0,
};
