import { call, type AwsDeps } from "./call.ts";
import type { Credentials } from "./credentials.ts";
import type { $Command, MetadataBearer } from "./sdk/command.ts";
import { requestHandlerOf, type RequestHandler } from "./transport.ts";

/** The options of every client; endpoints follow the SDK's standard variables. */
export type ClientOptions = {
  /** Rate-limits itself when AWS throttles; backoff has full jitter. */
  readonly retryMode: "adaptive";
  readonly maxAttempts: number;
  readonly requestHandler: RequestHandler;
  readonly region: string;
  readonly credentials?: () => Promise<Credentials>;
};

/** One API of AWS, as one adapter asks it: its commands, and the types that its client takes and gives. */
export type AwsApi<Sdk, Inputs extends object, Outputs extends MetadataBearer, Config> = {
  /** As `call` of call.ts, with a command made from the SDK. */
  call<Input extends Inputs, Output extends Outputs>(
    make: (sdk: Sdk) => $Command<Input, Output, Config, Inputs, Outputs>,
    signal: AbortSignal,
  ): Promise<Output>;
  /** How far this machine's clock is behind AWS's, in milliseconds, as the client measured in the answers. */
  clockOffsetMs(): number;
  /** Frees the client's sockets and memory. The next call makes a new client. */
  close(): void;
};

type Loaded<Sdk, Inputs extends object, Outputs extends MetadataBearer, Config> = {
  readonly sdk: Sdk;
  readonly client: {
    readonly config: { readonly systemClockOffset: number };
    send<Input extends Inputs, Output extends Outputs>(
      command: $Command<Input, Output, Config, Inputs, Outputs>,
      options: { readonly abortSignal: AbortSignal },
    ): Promise<Output>;
    destroy(): void;
  };
};

/**
 * One client for all calls of an adapter, loaded and made for the first call: loading takes longer than most calls.
 * A client keeps expired credentials for minutes, and keeps waiting for credentials that never come. So the next call
 * makes a new client after AWS refused credentials, denied a call, or gave no answer.
 */
export function createApi<Sdk, Inputs extends object, Outputs extends MetadataBearer, Config>(
  deps: AwsDeps,
  load: (options: ClientOptions) => Promise<Loaded<Sdk, Inputs, Outputs, Config>>,
): AwsApi<Sdk, Inputs, Outputs, Config> {
  let kept: (Loaded<Sdk, Inputs, Outputs, Config> & { readonly refusals: number }) | undefined;

  async function connect(signal: AbortSignal): Promise<Loaded<Sdk, Inputs, Outputs, Config>> {
    const refusals = deps.refusals?.count ?? 0;
    if (kept?.refusals === refusals) return kept;
    const { sdk, client } = await load(await optionsOf(deps, signal));
    kept = { sdk, client: deps.wire?.(client) ?? client, refusals };
    return kept;
  }

  return {
    async call(make, signal) {
      const { sdk, client } = await connect(signal);
      const command = make(sdk);
      return await call(deps, command, signal, (options) => client.send(command, options));
    },
    clockOffsetMs: () => kept?.client.config.systemClockOffset ?? 0,
    close() {
      kept?.client.destroy();
      kept = undefined;
    },
  };
}

async function optionsOf(
  { region, credentials, maxAttempts = 5, transport = {} }: AwsDeps,
  signal: AbortSignal,
): Promise<ClientOptions> {
  const requestHandler = await requestHandlerOf(transport);
  const options = { retryMode: "adaptive", maxAttempts, requestHandler, region: await region(signal) } as const;
  return credentials === undefined ? options : { ...options, credentials: () => credentials.provide() };
}
