import { longestSpreadMs } from "../../domain/membership/leaving.ts";
import type { CloudPace } from "../../ports/pace.ts";

/**
 * Questions to the servers of a zone cost no request of the API, and what they confirm needs a look through the API once a day: 10,000 instances take 2.3 % of Route 53's requests for that.
 */
const names = { askMs: 300_000, observeMs: 24 * 60 * 60_000 };

/**
 * AWS counts calls by account and region, so polls grow rare. A new instance profile, or its permissions, may take
 * minutes to be known everywhere. Route 53 answers five requests a second to a whole account: a fleet of a thousand
 * shares that, and an account has as much of it with ten thousand instances: with 45 s a member ten full target groups
 * (1,000 targets each) take a look at each name every 45,000 s, 4.4 % of those five requests. Reading the tags in the metadata takes a request a tag.
 */
export const awsPace: CloudPace = {
  membership: {
    pollMs: 1_000,
    pollMaxMs: 5_000,
    backoff: { firstMs: 1_000, maxMs: 15_000 },
    patientMs: 300_000,
    putOffMs: 30_000,
    leaveLimitMs: 20_000,
  },
  intervals: { everyMs: 300_000, afterFailureMs: 60_000, tagsMs: 30_000, memberMs: 45_000, names },
  spreadMs: longestSpreadMs,
};
