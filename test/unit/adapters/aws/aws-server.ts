import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { AwsDeps } from "../../../../src/adapters/aws/call.ts";
import type { CloudCall } from "../../../../src/domain/run/events.ts";

/** What a call is answered with: the inside of its result, an error, or nothing. */
export type AwsAnswer =
  | string
  | {
      readonly status?: number;
      readonly code: string;
      readonly message?: string;
      readonly headers?: Record<string, string>;
    }
  | undefined;

/**
 * Services of AWS on loopback, as a test answers. Those of the query protocol (EC2, ELBv2, Auto Scaling) are asked for
 * an action; Route 53 for a method and a path, and its answer is the whole document.
 */
export type AwsServer = {
  /** Each attempt, as `DescribeTags`, in order. */
  readonly asked: string[];
  /** The key id that each attempt was signed with. */
  readonly keys: string[];
  /** What the adapters recorded. */
  readonly calls: CloudCall[];
  readonly deps: AwsDeps;
  /** Throw for what the test does not expect. */
  answer: (action: string, parameters: URLSearchParams) => AwsAnswer;
  close(): Promise<void>;
};

/** Starts it and points the SDK's own variables at it. */
export async function startAws(): Promise<AwsServer> {
  const asked: string[] = [];
  const keys: string[] = [];
  const calls: CloudCall[] = [];

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parameters = new URLSearchParams(await bodyOf(request));
    const action = parameters.get("Action") ?? `${request.method} ${request.url?.split("?")[0]}`;
    asked.push(action);
    keys.push(/Credential=([^/]+)/.exec(request.headers.authorization ?? "")?.[1] ?? "");
    const answer = aws.answer(action, parameters);
    if (answer === undefined) return;
    response.setHeader("content-type", "text/xml").setHeader("x-amzn-requestid", requestId);
    if (typeof answer === "string" && !parameters.has("Action")) response.end(answer);
    else if (typeof answer === "string") response.end(success(action, parameters, answer));
    else
      response
        .writeHead(answer.status ?? 400, answer.headers)
        .end(failure(parameters, answer.code, answer.message ?? ""));
  }

  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  process.env["AWS_ENDPOINT_URL"] = `http://127.0.0.1:${port}`;
  process.env["AWS_ACCESS_KEY_ID"] = "AKIAEXAMPLE";
  process.env["AWS_SECRET_ACCESS_KEY"] = "a-secret-of-this-test";
  const aws: AwsServer = {
    asked,
    keys,
    calls,
    deps: {
      region: async () => "eu-west-1",
      onCall: (call) => void calls.push(call),
      monotonicMs: () => performance.now(),
    },
    answer: (action) => ({ status: 400, code: "InvalidAction", message: `the test does not expect ${action}` }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return aws;
}

/** `<member>` items of a list. */
export function members(items: readonly string[]): string {
  return items.map((item) => `<member>${item}</member>`).join("");
}

/** `<key>value</key>` for each. */
export function fields(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([key, value]) => `<${key}>${value}</${key}>`)
    .join("");
}

const requestId = "0a1b2c3d-0000-4000-8000-000000000000";

function success(action: string, parameters: URLSearchParams, inside: string): string {
  if (isEc2(parameters)) return `<${action}Response><requestId>${requestId}</requestId>${inside}</${action}Response>`;
  return `<${action}Response><${action}Result>${inside}</${action}Result><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`;
}

function failure(parameters: URLSearchParams, code: string, message: string): string {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  if (isEc2(parameters)) return `<Response><Errors>${error}</Errors><RequestID>${requestId}</RequestID></Response>`;
  return `<ErrorResponse>${error}<RequestId>${requestId}</RequestId></ErrorResponse>`;
}

function isEc2(parameters: URLSearchParams): boolean {
  return parameters.get("Version") === "2016-11-15";
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += String(chunk);
  return body;
}
