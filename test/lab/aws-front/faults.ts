// What goes wrong on demand: for all requests or some, so many times, until it is taken back.
import { setTimeout as sleep } from "node:timers/promises";

import { failure } from "./answers.ts";
import { expired } from "./credentials.ts";
import type { Answer, AwsRequest } from "./handler.ts";

export type FaultKind =
  /** The service's own throttling error, whatever the token buckets hold. */
  | { kind: "throttle" }
  /** HTTP 500 or 503, as AWS words an internal error. */
  | { kind: "error"; status: 500 | 503 }
  /** The request was signed with credentials that have run out. */
  | { kind: "expired" }
  | { kind: "denied" }
  /** HTTP 200 with something that is no answer of AWS, as a captive proxy sends it. */
  | { kind: "garbage" }
  /** The connection breaks before anything happens. */
  | { kind: "reset" }
  /** It happens, and then the connection breaks: the client does not know. */
  | { kind: "answer-lost" }
  /** Nothing comes back, ever: a route that drops packets. */
  | { kind: "silence" }
  | { kind: "slow"; ms: number };

export type Fault = FaultKind & {
  /** Of every request, unless these say which. */
  service?: string;
  action?: string;
  sourceAddress?: string;
  /** How many requests it hits; all, if not said. */
  times?: number;
};

/** An answer, or how the connection ends without one. */
export type Outcome = Answer | "reset" | "silence";

export interface Faults {
  /** Returns what takes it back. Of several that fit, the last one added hits. */
  add(fault: Fault): () => void;
  clear(): void;
  /** Lets the fault that fits this request happen, around what would have happened. */
  around(request: AwsRequest, proceed: () => Promise<Answer>): Promise<Outcome>;
}

export function createFaults(): Faults {
  let active: { fault: Fault; left: number }[] = [];

  function take(request: AwsRequest): Fault | undefined {
    const entry = active.findLast(({ fault }) => fits(fault, request));
    if (entry === undefined) return undefined;
    entry.left -= 1;
    if (entry.left <= 0) active = active.filter((other) => other !== entry);
    return entry.fault;
  }

  return {
    add(fault) {
      const entry = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
      active.push(entry);
      return () => void (active = active.filter((other) => other !== entry));
    },
    clear: () => void (active = []),
    async around(request, proceed) {
      const fault = take(request);
      return fault === undefined ? proceed() : happen(fault, request, proceed);
    },
  };
}

function fits({ service, action, sourceAddress }: Fault, request: AwsRequest): boolean {
  return (
    (service === undefined || service === request.service) &&
    (action === undefined || action === request.action) &&
    (sourceAddress === undefined || sourceAddress === request.sourceAddress)
  );
}

async function happen(fault: Fault, request: AwsRequest, proceed: () => Promise<Answer>): Promise<Outcome> {
  switch (fault.kind) {
    case "throttle":
      return throttled(request);
    case "error":
      return failure(request, internalError(fault.status));
    case "expired":
      return expired(request);
    case "denied":
      return denied(request);
    case "garbage":
      return { status: 200, headers: { "content-type": "text/html" }, body: "<html><body>Please log in<br></html>" };
    case "reset":
    case "silence":
      return fault.kind;
    case "answer-lost":
      await proceed();
      return "reset";
    case "slow":
      await sleep(fault.ms);
      return proceed();
  }
  return fault satisfies never;
}

/**
 * EC2: RequestLimitExceeded with HTTP 503 ("Error codes for the Amazon EC2 API"); the others: Throttling with HTTP
 * 400 ("Common Errors" of each API reference).
 */
export function throttled(request: AwsRequest): Answer {
  return request.service === "ec2"
    ? failure(request, { status: 503, code: "RequestLimitExceeded", message: "Request limit exceeded." })
    : failure(request, { status: 400, code: "Throttling", message: "Rate exceeded" });
}

/** EC2: UnauthorizedOperation; the others: AccessDenied ("Common Errors" of each API reference). */
export function denied(request: AwsRequest): Answer {
  const { service, action } = request;
  const message = `not authorized to perform: ${service}:${action}`;
  return service === "ec2"
    ? failure(request, { status: 403, code: "UnauthorizedOperation", message: `You are ${message}.` })
    : failure(request, { status: 403, code: "AccessDenied", message: `User is ${message}` });
}

function internalError(status: 500 | 503) {
  return status === 500
    ? { status, code: "InternalFailure", message: "An internal error has occurred" }
    : { status, code: "ServiceUnavailable", message: "Service Unavailable" };
}
