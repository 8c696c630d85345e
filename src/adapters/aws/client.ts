import { clientDefaults, countThrottle, type AwsDeps } from "./call.ts";
import type { Credentials } from "./credentials.ts";
import { isThrottle } from "./failure.ts";

/** What every client is made with. */
type ClientOptions = typeof clientDefaults & {
  readonly region: string;
  readonly credentials?: () => Promise<Credentials>;
};

/** Of a new client. */
export async function clientOptions(deps: AwsDeps, signal: AbortSignal): Promise<ClientOptions> {
  const options = { ...clientDefaults, region: await deps.region(signal) };
  const { credentials } = deps;
  return credentials === undefined ? options : { ...options, credentials: () => credentials.provide() };
}

type Next<Args, Result> = (args: Args) => Promise<Result>;

/** The part of an SDK client that lets us see each attempt of a call, which the SDK repeats by itself. */
type Watchable = {
  readonly middlewareStack: {
    add(
      middleware: <Args, Result>(next: Next<Args, Result>) => Next<Args, Result>,
      place: { readonly step: "finalizeRequest"; readonly priority: "low"; readonly name: string },
    ): void;
  };
};

/**
 * One client for all calls of an adapter, made when it is first needed: loading one takes longer than most calls.
 * It keeps the credentials that it once got, also expired ones (for minutes), and a search for some that never ends, so
 * it is made anew after they were refused, a call was denied, or no answer came.
 */
export function keepClient<Client extends Watchable>(
  deps: AwsDeps,
  make: (options: ClientOptions) => Promise<Client>,
): (signal: AbortSignal) => Promise<Client> {
  let kept: { readonly client: Client; readonly refusals: number } | undefined;
  return async (signal) => {
    const refusals = deps.refusals?.count ?? 0;
    if (kept?.refusals === refusals) return kept.client;
    const client = await make(await clientOptions(deps, signal));
    kept = { client: countingThrottles(client), refusals };
    return kept.client;
  };
}

/** A client whose calls tell which of their attempts were throttled: within the SDK's retries, each is seen. */
export function countingThrottles<Client extends Watchable>(client: Client): Client {
  client.middlewareStack.add(countThrottles, { step: "finalizeRequest", priority: "low", name: "musterThrottles" });
  return client;
}

function countThrottles<Args, Result>(next: Next<Args, Result>): Next<Args, Result> {
  return async (args) => {
    try {
      return await next(args);
    } catch (error) {
      if (isThrottle(error)) countThrottle();
      throw error;
    }
  };
}
