// One health check, as a load balancer makes it: a connection of its own, and what came back in AWS's words.
import { request } from "node:http";
import { connect } from "node:net";

import type { HealthCheck } from "./target-groups.ts";

/** Undefined: it passed. */
export type ProbeFailure = { readonly reason: string; readonly description: string } | undefined;

export async function probe(check: HealthCheck, address: string, trafficPort: number): Promise<ProbeFailure> {
  const port = check.port ?? trafficPort;
  try {
    if (check.protocol === "TCP") {
      await opens(address, port, check.timeoutMs);
      return undefined;
    }
    const status = await statusOf(address, port, check);
    if (matches(status, check.codes)) return undefined;
    return { reason: "Target.ResponseCodeMismatch", description: `Health checks failed with these codes: [${status}]` };
  } catch (error) {
    return error instanceof TooSlow
      ? { reason: "Target.Timeout", description: "Request timed out" }
      : { reason: "Target.FailedHealthChecks", description: "Health checks failed" };
  }
}

class TooSlow extends Error {}

function statusOf(host: string, port: number, { path, timeoutMs }: HealthCheck): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { "user-agent": "ELB-HealthChecker/2.0", connection: "close" };
    const asking = request({ host, port, path, headers, agent: false }, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode ?? 0));
      response.once("error", reject);
    });
    const timer = setTimeout(() => asking.destroy(new TooSlow()), timeoutMs);
    asking.once("close", () => clearTimeout(timer));
    asking.once("error", reject);
    asking.end();
  });
}

function opens(host: string, port: number, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
    socket.once("timeout", () => socket.destroy(new TooSlow()));
    socket.once("error", reject);
  });
}

function matches(status: number, codes: string): boolean {
  return codes.split(",").some((range) => {
    const [first = "", last = first] = range.trim().split("-");
    return status >= Number(first) && status <= Number(last);
  });
}
