import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { run } from "../run.ts";

/** Keys and certificates of the git server: paths on this machine. */
export interface GitCredentials {
  /** Certificate of the authority that signed `certificate`; instances trust it. */
  ca: string;
  certificate: string;
  certificateKey: string;
  /** The server's ssh host key, and the line by which clients know it. */
  hostKey: string;
  knownHosts: string;
  /** The key that clients log in with. */
  sshKey: string;
  authorizedKeys: string;
  /** The key that signs commits, and the file by which they are verified. */
  signingKey: string;
  allowedSigners: string;
}

/** Makes everything anew in `dir`: keys of a lab are worth nothing outside it and live as long as it does. */
export async function createGitCredentials(dir: string, address: string): Promise<GitCredentials> {
  await mkdir(dir, { recursive: true });
  const [tls, hostKey, sshKey, signingKey] = await Promise.all([
    createCertificates(dir, address),
    createSshKey(join(dir, "ssh-host-key")),
    createSshKey(join(dir, "ssh-client-key")),
    createSshKey(join(dir, "ssh-signing-key")),
  ]);
  return {
    ...tls,
    hostKey,
    knownHosts: await write(join(dir, "known_hosts"), `${address},${serverName} ${await publicKey(hostKey)}`),
    sshKey,
    authorizedKeys: await write(join(dir, "authorized_keys"), await publicKey(sshKey)),
    signingKey,
    allowedSigners: await write(join(dir, "allowed_signers"), `lab@example.internal ${await publicKey(signingKey)}`),
  };
}

/** The git server's name in the lab's zone. */
export const serverName = "git.example.internal";

async function createCertificates(
  dir: string,
  address: string,
): Promise<Pick<GitCredentials, "ca" | "certificate" | "certificateKey">> {
  const file = (name: string) => join(dir, name);
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const authority = ["-x509", ...newKey, "-days", "2", "-subj", "/CN=muster lab authority"];
  await run(["openssl", "req", ...authority, "-keyout", file("ca.key"), "-out", file("ca.pem")]);
  const server = [...newKey, "-subj", `/CN=${serverName}`];
  await run(["openssl", "req", ...server, "-keyout", file("server.key"), "-out", file("server.csr")]);
  const extensions = await write(file("server.ext"), `subjectAltName=DNS:${serverName},IP:${address}`);
  const signed = ["-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial", "-days", "2"];
  const request = ["-req", "-in", file("server.csr"), "-extfile", extensions];
  await run(["openssl", "x509", ...request, ...signed, "-out", file("server.pem")]);
  return { ca: file("ca.pem"), certificate: file("server.pem"), certificateKey: file("server.key") };
}

async function createSshKey(path: string): Promise<string> {
  await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "muster-lab", "-f", path]);
  return path;
}

async function publicKey(path: string): Promise<string> {
  return (await readFile(`${path}.pub`, "utf8")).trim();
}

async function write(path: string, line: string): Promise<string> {
  await writeFile(path, `${line}\n`);
  return path;
}
