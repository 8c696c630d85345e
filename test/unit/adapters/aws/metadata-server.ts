import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A metadata service on loopback: version 2, as far as a test says what it shall do otherwise. */
export type MetadataServer = {
  readonly endpoint: string;
  /** As `PUT api/token` or `GET meta-data/mac`, in order. */
  readonly asked: string[];
  /** Pages below `/latest/`; what is not there is 404. */
  readonly pages: Map<string, string>;
  /** What a request for a token is answered with, beyond the first of the list the last one. */
  tokenStatus: number[];
  /** Answers nothing while it is set. */
  silent: boolean;
  /** Tokens given out before count no longer. */
  expireTokens(): void;
  close(): Promise<void>;
};

export async function startMetadata(
  pages: Readonly<Record<string, string>> = {},
  address = "127.0.0.1",
): Promise<MetadataServer> {
  let given = 0;
  let oldest = 1;

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? "").replace(/^\/latest\//, "");
    metadata.asked.push(`${request.method} ${path}`);
    if (metadata.silent) return;
    if (request.method === "PUT") {
      const status = (metadata.tokenStatus.length > 1 ? metadata.tokenStatus.shift() : metadata.tokenStatus[0]) ?? 200;
      given += 1;
      response.writeHead(status).end(status === 200 ? `token-${given}` : "");
      return;
    }
    const [, number] = /^token-(\d+)$/.exec(String(request.headers["x-aws-ec2-metadata-token"])) ?? [];
    if (number === undefined || Number(number) < oldest) {
      response.writeHead(401).end();
      return;
    }
    const page = metadata.pages.get(path);
    response.writeHead(page === undefined ? 404 : 200).end(page ?? "");
  }

  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  const metadata: MetadataServer = {
    endpoint: `http://${address.includes(":") ? `[${address}]` : address}:${port}`,
    asked: [],
    pages: new Map(Object.entries(pages)),
    tokenStatus: [200],
    silent: false,
    expireTokens() {
      oldest = given + 1;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return metadata;
}
