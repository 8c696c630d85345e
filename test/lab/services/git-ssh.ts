import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { GitCredentials } from "./git-credentials.ts";
import { accepts } from "./network.ts";
import { startDaemon, type Daemon } from "./process.ts";

export interface GitSshOptions {
  address: string;
  port: number;
  dir: string;
  /** Directory that holds the bare repositories. */
  root: string;
  credentials: GitCredentials;
}

/**
 * Starts an sshd that serves git, read-only, to the account `git`. The account exists for this sshd alone: it sees
 * files of its own for /etc/passwd and /etc/shadow, in a mount namespace. It runs in a process namespace too, so that
 * its sessions, which leave its process group, end with it.
 */
export async function startGitSsh(options: GitSshOptions): Promise<Daemon> {
  const { address, port, dir } = options;
  await mkdir(dir, { recursive: true });
  await mkdir("/run/sshd", { recursive: true });
  const file = (name: string) => join(dir, name);
  await writeFile(file("serve"), serveScript(options.root));
  await chmod(file("serve"), 0o755);
  await writeFile(file("passwd"), passwd(dir));
  await writeFile(file("shadow"), "root:*:19000::::::\ngit:*:19000::::::\nsshd:*:19000::::::\n", { mode: 0o600 });
  await writeFile(file("sshd_config"), sshdConfig(options, file("serve")));
  const script = [
    "mount --make-rprivate /",
    // Its copy of the mount of an instance that runs already would keep that instance's disk busy. Outside of a lab
    // (contract tests) there is none. One that another lab takes down meanwhile is no mount point any more.
    `awk -v labs="\${MUSTER_LAB:-/nonexistent}/" 'index($2, labs) == 1 { print $2 }' /proc/self/mounts | sort --reverse | { xargs -r umount --lazy || true; }`,
    'mount --bind "$1/passwd" /etc/passwd',
    'mount --bind "$1/shadow" /etc/shadow',
    'exec /usr/sbin/sshd -D -e -f "$1/sshd_config"',
  ].join(" && ");
  return startDaemon({
    name: "sshd",
    command: "unshare",
    args: ["--mount", "--pid", "--fork", "--kill-child=KILL", "sh", "-c", script, "sh", dir],
    log: file("sshd.log"),
    ready: () => accepts(address, port),
  });
}

/** uid 0 under another name: the repositories are root's, and sshd switches to nobody else's identity. */
function passwd(dir: string): string {
  return [
    `git:x:0:0:git:${dir}:/bin/sh`,
    "root:x:0:0:root:/root:/bin/sh",
    "sshd:x:65534:65534::/run/sshd:/usr/sbin/nologin",
    "",
  ].join("\n");
}

function serveScript(root: string): string {
  return `#!/bin/sh
# Answers "git-upload-pack '/ops/config.git'" and nothing else.
case $SSH_ORIGINAL_COMMAND in
  *..*) ;;
  "git-upload-pack '/"*"'")
    path=\${SSH_ORIGINAL_COMMAND#"git-upload-pack '"}
    exec git -c safe.directory='*' upload-pack "${root}\${path%"'"}"
    ;;
esac
echo "this account serves git fetches only" >&2
exit 1
`;
}

function sshdConfig({ address, port, credentials }: GitSshOptions, serve: string): string {
  return [
    `ListenAddress ${address}:${port}`,
    `HostKey ${credentials.hostKey}`,
    `AuthorizedKeysFile ${credentials.authorizedKeys}`,
    `ForceCommand ${serve}`,
    "AllowUsers git",
    // The account's uid is 0.
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "UsePAM no",
    "UseDNS no",
    "AcceptEnv GIT_PROTOCOL",
    "DisableForwarding yes",
    "PidFile none",
    // The lab lives in a temporary directory, whose modes are nobody's business here.
    "StrictModes no",
    "MaxStartups 100",
    "LogLevel VERBOSE",
    "",
  ].join("\n");
}
