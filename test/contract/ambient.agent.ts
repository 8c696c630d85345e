// Asks the metadata, a check, the daemon's socket and AWS from a process whose environment names a proxy for everything.
import { createImds } from "../../src/adapters/aws/imds.ts";
import { describeTags } from "../../src/adapters/aws/tags.ts";
import { call, readJson } from "../../src/adapters/control/call.ts";
import { probeHttp } from "../../src/adapters/host/prober/http.ts";

const [url = "", socket = ""] = process.argv.slice(2);
const signal = AbortSignal.timeout(20_000);
const aws = { region: async () => "eu-west-1", onCall: () => undefined, monotonicMs: () => performance.now() };
const imds = createImds({ endpoint: url, clock: { monotonicMs: () => performance.now() } });
process.stdout.write(
  JSON.stringify({
    metadata: await imds.get("meta-data/instance-id", signal),
    check: (await probeHttp({ kind: "http", url, method: "GET", status: 200, headers: {} }, signal)).ok,
    socket: await readJson(await call(socket, "GET", "/v1/status", undefined)),
    aws: await describeTags(aws, "i-1", signal),
  }),
);
