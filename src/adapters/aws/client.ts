import { clientDefaults, type AwsDeps } from "./call.ts";

/** What every client is made with. */
type ClientOptions = typeof clientDefaults & { readonly region: string };

/**
 * One client for all calls of an adapter, made when it is first needed: loading one takes longer than most calls.
 * It keeps the credentials that it once got, also expired ones (for minutes), so it is made anew after they were
 * refused.
 */
export function keepClient<Client>(
  deps: AwsDeps,
  make: (options: ClientOptions) => Promise<Client>,
): (signal: AbortSignal) => Promise<Client> {
  let kept: { readonly client: Client; readonly refusals: number } | undefined;
  return async (signal) => {
    const refusals = deps.refusals?.count ?? 0;
    if (kept?.refusals === refusals) return kept.client;
    kept = { client: await make({ ...clientDefaults, region: await deps.region(signal) }), refusals };
    return kept.client;
  };
}
