// A transport under the SDK's clients: their own retries, and what the product hangs on a command, without a network.
import { actionOf } from "../../src/adapters/aws/action.ts";
import type { Clock } from "../../src/ports/clock.ts";

/** How long one request is under way, in milliseconds. */
const latencyMs = 40;

export type Input = Readonly<Record<string, unknown>>;

export class Refusal extends Error {
  readonly $fault = "client";
  $metadata: { httpStatusCode: number; attempts?: number } = { httpStatusCode: 400 };

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** @param attempt one request, by its IAM action */
export function wireOf<Client extends object>(
  client: Client,
  clock: Pick<Clock, "sleep">,
  attempt: (operation: string, input: Input) => object,
): Client {
  // Ten thousand clients would take all of the memory: their retries are all that is needed.
  const strategy = (client as unknown as SdkClient).config.retryStrategy();
  const send = async (command: SdkCommand, options: { readonly abortSignal: AbortSignal }) => {
    const operation = actionOf(command);
    // The product counts the attempts that were throttled.
    const one = command.middlewareStack.resolve(async () => {
      await clock.sleep(latencyMs, options.abortSignal);
      return attempt(operation, command.input);
    }, {});
    return await withRetries(await strategy, options.abortSignal, () => one({ input: command.input }));
  };
  return { config: { systemClockOffset: 0 }, send, destroy: () => undefined } as unknown as Client;
}

interface SdkCommand {
  readonly schema?: unknown;
  readonly input: Input;
  readonly middlewareStack: {
    resolve(handler: () => Promise<object>, context: object): (args: object) => Promise<object>;
  };
}

interface Token {
  getRetryCount(): number;
  getRetryDelay(): number;
}

interface RetryStrategy {
  acquireInitialRetryToken(scope: string): Promise<Token>;
  refreshRetryTokenForRetry(token: Token, info: { error: unknown; errorType: string }): Promise<Token>;
  recordSuccess(token: Token): void;
}

interface SdkClient {
  readonly config: { retryStrategy(): Promise<RetryStrategy> };
}

const throttles = /^(Throttling|RequestLimitExceeded|PriorRequestNotComplete)$/;

/** As the retry middleware of the SDK drives the strategy of its client. */
async function withRetries(
  strategy: RetryStrategy,
  signal: AbortSignal,
  attempt: () => Promise<object>,
): Promise<object> {
  let token = await strategy.acquireInitialRetryToken("");
  while (true) {
    signal.throwIfAborted();
    try {
      const output = await attempt();
      strategy.recordSuccess(token);
      return { ...output, $metadata: { attempts: token.getRetryCount() + 1 } };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const errorType = throttles.test(error.name) ? "THROTTLING" : "CLIENT_ERROR";
      error.$metadata.attempts = token.getRetryCount() + 1;
      try {
        token = await strategy.refreshRetryTokenForRetry(token, { error, errorType });
      } catch {
        throw error;
      }
    }
  }
}
