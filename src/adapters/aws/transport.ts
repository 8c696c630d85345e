import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { MusterError } from "../../domain/errors/errors.ts";
import { printable } from "../../domain/role/names.ts";
import type { Proxies } from "../host/proxies.ts";
import { createProxiedHandler, type Connections, type ProxiedHandler } from "./proxied-handler.ts";

/** How a client sends its requests, as the SDK takes it. */
export type RequestHandler = Connections | ProxiedHandler;

/** Times in milliseconds. */
const times = { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true } as const;

/** The way to AWS. */
export type Transport = {
  /** A file in PEM: the only authorities that may have signed AWS's certificates; absent: the machine's. */
  readonly authorities?: string;
  /** Absent: none. */
  readonly proxies?: Proxies;
};

/**
 * How the next client sends its requests. Files are read each time: they may have been made since.
 * @throws MusterError `aws-certificate-refused`: an outage, which takes no instance out of service
 */
export async function requestHandlerOf({ authorities, proxies }: Transport): Promise<RequestHandler> {
  const trust = authorities === undefined ? {} : { httpsAgent: { ca: await readAuthorities(authorities) } };
  const connections: Connections = { ...times, ...trust };
  return proxies === undefined ? connections : createProxiedHandler(connections, proxies);
}

const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The runtime passes over what is no certificate, and would then trust nothing without a word. */
async function readAuthorities(file: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw unusable(file, `cannot be read (${codeOf(error)})`);
  }
  const certificates = text.match(certificate) ?? [];
  if (certificates.length === 0) throw unusable(file, "holds no certificate in PEM");
  if (!certificates.every(isCertificate)) throw unusable(file, "holds a certificate that is damaged");
  return text;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}

function unusable(file: string, why: string): MusterError {
  return new MusterError({
    code: "aws-certificate-refused",
    message: `AWS cannot be asked: AWS_CA_BUNDLE names ${printable(file, 200)}, which ${why}`,
    hint: "Put the certificates of the authorities there, or remove the variable: systemctl cat muster shows the drop-in that sets it.",
    transient: true,
  });
}
