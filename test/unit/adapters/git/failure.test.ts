import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fetchFailure, unknownFetchFailure } from "../../../../src/adapters/git/failure.ts";
import { gitUrlOf, scrub } from "../../../../src/adapters/git/url.ts";

const url = gitUrlOf("https://git.example.com/ops/config.git");

function failureOf(stderr: string, validity?: { from: Date; to: Date }) {
  return fetchFailure({ outcome: "exited", code: 128, stdout: "", stderr }, url, validity);
}

// What git (with OpenSSL or GnuTLS) and ssh print, collected from Debian 11 to 13.
describe("what git says", () => {
  it.each([
    ["fatal: unable to access 'https://x/': Could not resolve host: x", "config-fetch-failed", /name cannot be/],
    [
      "ssh: Could not resolve hostname x: Temporary failure in name resolution",
      "config-fetch-failed",
      /name cannot be/,
    ],
    [
      "ssh: connect to host x port 22: Connection refused\nfatal: Could not read",
      "config-fetch-failed",
      /refuses the co/,
    ],
    ["ssh: connect to host x port 22: Connection timed out", "config-fetch-failed", /does not answer/],
    ["ssh: connect to host x port 22: No route to host", "config-fetch-failed", /no route/],
    ["fatal: unable to access: Network is unreachable", "config-fetch-failed", /no route/],
    ["Connection timed out during banner exchange", "config-fetch-failed", /does not answer/],
    ["error: RPC failed; curl 28 Operation too slow. Less than 1 bytes/sec", "config-fetch-failed", /does not answer/],
    ["fatal: unable to access 'https://x/': The requested URL returned error: 503", "config-fetch-failed", /broke off/],
    ["fatal: the remote end hung up unexpectedly\nfatal: early EOF", "config-fetch-failed", /broke off/],
    ["server certificate verification failed. CAfile: none", "config-certificate-refused", /not trusted/],
    ["SSL certificate problem: self-signed certificate", "config-certificate-refused", /not trusted/],
    ["SSL certificate problem: certificate has expired", "config-certificate-refused", /has expired/],
    ["SSL certificate problem: certificate is not yet valid", "config-certificate-refused", /not valid yet/],
    ["SSL: no alternative certificate subject name matches target", "config-certificate-refused", /another name/],
    ["fatal: Authentication failed for 'https://x/'", "config-access-denied", /credentials/],
    [
      "fatal: could not read Username for 'https://x': terminal prompts disabled",
      "config-access-denied",
      /credentials/,
    ],
    [
      "fatal: unable to access 'https://x/': The requested URL returned error: 403",
      "config-access-denied",
      /credentials/,
    ],
    ["git@x: Permission denied (publickey).", "config-access-denied", /ssh key/],
    ["Host key verification failed.\nfatal: Could not read from remote", "config-host-key-unknown", /is not known/],
    ["@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @", "config-host-key-unknown", /another host key/],
    ["remote: Repository not found.\nfatal: repository 'https://x/' not found", "config-repo-not-found", /no such/],
    ["fatal: '/srv/x.git' does not appear to be a git repository", "config-repo-not-found", /no such/],
    ["fatal: write error: No space left on device", "state-write-failed", /no space/],
  ])("%s", (stderr, code, words) => {
    expect(failureOf(stderr)).toMatchObject({ code, transient: true, message: expect.stringMatching(words) as string });
  });

  // What ssh of Debian 12 prints, whole; git's own lines follow.
  const rest = [
    "fatal: Could not read from remote repository.",
    "",
    "Please make sure you have the correct access rights",
    "and the repository exists.",
    "",
  ].join("\n");
  it.each([
    [
      "a key with carriage returns, or cut off",
      `Load key "/etc/muster/key": error in libcrypto\r\ngit@x: Permission denied (publickey).\r\n${rest}`,
      '(Load key "/etc/muster/key": error in libcrypto)',
    ],
    [
      "a key that others may read",
      [
        "@".repeat(59),
        "@         WARNING: UNPROTECTED PRIVATE KEY FILE!          @",
        "@".repeat(59),
        "Permissions 0644 for '/etc/muster/key' are too open.",
        "It is required that your private key files are NOT accessible by others.",
        "This private key will be ignored.",
        'Load key "/etc/muster/key": bad permissions',
        "git@x: Permission denied (publickey).",
        rest,
      ].join("\n"),
      '(Load key "/etc/muster/key": bad permissions)',
    ],
    [
      "no key",
      `Warning: Identity file /k not accessible: No such file or directory.\ngit@x: Permission denied (publickey).\n${rest}`,
      "(Warning: Identity file /k not accessible: No such file or directory.)",
    ],
    [
      "a key that is not let in",
      `git@x: Permission denied (publickey).\n${rest}`,
      "(git@x: Permission denied (publickey).)",
    ],
    [
      "an unknown host",
      `No ED25519 host key is known for x and you have requested strict checking.\nHost key verification failed.\n${rest}`,
      "(No ED25519 host key is known for x and you have requested strict checking.)",
    ],
    [
      "another host key",
      `${"@".repeat(59)}\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n${"@".repeat(59)}\nIT IS POSSIBLE\n${rest}`,
      "(WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!)",
    ],
    [
      "a server that hangs up",
      `kex_exchange_identification: read: Connection reset by peer\nConnection reset by 10.0.0.1 port 22\n${rest}`,
      "(kex_exchange_identification: read: Connection reset by peer)",
    ],
    [
      "a host of git repos that answers over ssh",
      `ERROR: Repository not found.\n${rest}`,
      "(ERROR: Repository not found.)",
    ],
  ])("the line that says why is quoted: %s", (_what, stderr, quoted) => {
    const message = failureOf(stderr)?.message ?? "";
    expect(message.endsWith(quoted), message).toBe(true);
  });

  it("quotes what ssh said rather than git's word about it, where the reason is not known", () => {
    const stderr = `Unable to negotiate with 10.0.0.1 port 22: no matching host key type found.\n${rest}`;
    const { message } = unknownFetchFailure({ outcome: "exited", code: 128, stdout: "", stderr }, url);
    expect(message).toContain("(Unable to negotiate with 10.0.0.1 port 22: no matching host key type found.)");
    const bare = unknownFetchFailure({ outcome: "exited", code: 128, stdout: "", stderr: rest }, url);
    expect(bare.message).toContain("(fatal: Could not read from remote repository.)");
  });

  it("says of a path that it does not answer, and not that the line is slow", () => {
    const result = { outcome: "timed-out", code: -1, stdout: "", stderr: "" } as const;
    expect(fetchFailure(result, gitUrlOf("file:///mnt/nas/config.git"))?.message).toContain("path does not answer");
    expect(fetchFailure(result, url)?.message).toContain("longer than it may");
  });

  it("does not blame the remote for what it does not know", () => {
    expect(failureOf("fatal: loose object 1234 is corrupt")).toBeUndefined();
    expect(failureOf("fatal: bad object refs/heads/main")).toBeUndefined();
    expect(failureOf("")).toBeUndefined();
  });

  it("calls a certificate by its dates where git does not", () => {
    const stderr = "server certificate verification failed. CAfile: none";
    const hour = 3_600_000;
    const now = Date.now();
    const early = failureOf(stderr, { from: new Date(now + hour), to: new Date(now + 2 * hour) });
    expect(early?.message).toContain("not valid yet");
    expect(early?.hint).toMatch(/clock/);
    const late = failureOf(stderr, { from: new Date(0), to: new Date(now - hour) });
    expect(late?.message).toContain("has expired");
    expect(failureOf(stderr, { from: new Date(0), to: new Date(now + hour) })?.message).toContain("not trusted");
  });

  it("never passes on a password, a control character or a novel", () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9%!:._-]{8,20}$/);
    fc.assert(
      fc.property(secret, fc.string(), (password, noise) => {
        const stderr = `fatal: unable to access 'https://user:${password}@git.example.com/': ${noise.repeat(50)}`;
        const { message } = unknownFetchFailure({ outcome: "exited", code: 128, stdout: "", stderr }, url);
        expect(message).not.toContain(`:${password}@`);
        expect(message).not.toMatch(/\p{Cc}/u);
        expect(message.length).toBeLessThan(500);
      }),
    );
  });
});

describe("scrub", () => {
  it("takes user and password out of every URL", () => {
    expect(scrub("see https://u:p@h/x and ssh://git@h/y")).toBe("see https://h/x and ssh://h/y");
    expect(scrub("git@h:x")).toBe("git@h:x");
  });
});
