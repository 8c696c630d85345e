import { describe, expect, it } from "vitest";
import { failureOf } from "../../../../src/adapters/dnf/failure.ts";
import { failedScriptsIn, progressOf } from "../../../../src/adapters/dnf/progress.ts";
import type { UnitExit } from "../../../../src/ports/unit-runner.ts";

function failure(text: string, exit: UnitExit = { kind: "exited", code: 1 }) {
  const lines = text.split("\n");
  const { code, message, transient } = failureOf({ what: "dnf upgrade", exit, lines, logFile: "/log" });
  return { code, message, transient };
}

// What dnf 4 printed is recorded from dnf 4.14 and 4.23; dnf 5 is quoted from its source and reports.
const cases: readonly [title: string, text: string, code: string, message: RegExp, transient?: boolean][] = [
  [
    "dnf 4, a lock",
    "Running transaction check\nRPMDB already locked by 26112\n  The application with PID 26112 is: dnf\n    Memory :  59 M RSS (116 MB VSZ)",
    "package-lock-held",
    /because of process 26112$/,
    true,
  ],
  [
    "dnf 5, a lock",
    "Running transaction\nTransaction failed: Failed to obtain rpm transaction lock. Another transaction is in progress.",
    "package-lock-held",
    /because of another process, which changes packages$/,
    true,
  ],
  [
    "a full disk",
    "Error: Transaction test error:\n  installing package app-1.1-1.noarch needs 12MB more space on the / filesystem\n\nError Summary\n-------------\nDisk Requirements:\n   At least 12MB more space needed on the / filesystem.",
    "package-disk-full",
    /needs 12MB more space on the \/ filesystem$/,
  ],
  [
    "a proxy that asks for a password",
    "Errors during downloading metadata for repository 'base':\n  - Curl error (56): Failure when receiving data from the peer for https://repo.example.internal/repodata/repomd.xml [CONNECT tunnel failed, response 407]\nError: Failed to download metadata for repo 'base': Cannot download repomd.xml",
    "proxy-refused",
    /download everything: Curl error \(56\).*response 407\]$/,
    true,
  ],
  [
    "a connection",
    "Errors during downloading metadata for repository 'gone':\n  - Curl error (7): Couldn't connect to server for http://127.0.0.1:9/x/repodata/repomd.xml [Failed to connect]\nError: Failed to download metadata for repo 'gone': Cannot download repomd.xml: Cannot download repodata/repomd.xml: All mirrors were tried",
    "package-connection-refused",
    /download everything: Curl error \(7\): Couldn't connect to server for http:\/\/127/,
    true,
  ],
  [
    "a package that went",
    'Error opening /b/repo/tool-1.1-1.noarch.rpm: No such file or directory\nPackage "tool-1.1-1.noarch" from local repository "lab" has incorrect checksum\nError: Some packages from local repository have incorrect checksum',
    "package-file-wrong",
    /incorrect checksum$/,
    true,
  ],
  // curl.se/libcurl/c/libcurl-errors.html has the numbers; librepo adds the reason in brackets.
  [
    "a name that does not resolve",
    "  - Curl error (6): Couldn't resolve host name for https://repo.invalid/x/repodata/repomd.xml [Could not resolve host: repo.invalid]",
    "package-name-unresolved",
    /Could not resolve host: repo\.invalid\]$/,
    true,
  ],
  [
    "no route",
    "  - Curl error (7): Couldn't connect to server for https://repo/x [Failed to connect to repo port 443: No route to host]",
    "package-no-route",
    /No route to host\]$/,
    true,
  ],
  [
    "silence",
    "  - Curl error (28): Timeout was reached for https://repo/x [Operation too slow. Less than 1000 bytes/sec transferred the last 5 seconds]",
    "package-timeout",
    /Timeout was reached/,
    true,
  ],
  [
    "a certificate of an authority that is not known",
    "  - Curl error (60): SSL peer certificate or SSH remote key was not OK for https://repo/x [SSL certificate problem: self-signed certificate]",
    "package-certificate-refused",
    /self-signed certificate\]$/,
    false,
  ],
  [
    "a file that is not there",
    "Errors during downloading metadata for repository 'x':\n  - Status code: 404 for https://repo/x/repodata/repomd.xml (IP: 10.0.0.1)\nError: Failed to download metadata for repo 'x': Cannot download repomd.xml: All mirrors were tried",
    "package-file-missing",
    /Status code: 404 for/,
    true,
  ],
  [
    "an error of the mirror",
    "  - Status code: 503 for https://repo/x/repodata/repomd.xml (IP: 10.0.0.1)\nError: Failed to download metadata for repo 'x': Cannot download repomd.xml: All mirrors were tried",
    "package-fetch-failed",
    /Status code: 503 for/,
    true,
  ],
  [
    "a disk that is full during the download",
    "  - Curl error (23): Failed writing received data to disk/application for https://repo/x [Failure writing output to destination]",
    "package-disk-full",
    /Curl error \(23\)/,
  ],
  [
    "no keys at all",
    "\nYou have enabled checking of packages via GPG keys. This is a good thing.\nHowever, you do not have any GPG public keys installed.",
    "package-source-untrusted",
    /no key is installed$/,
    false,
  ],
  [
    "a key that is missing",
    "Public key for app-1.1-1.noarch.rpm is not installed\nError: GPG check FAILED",
    "package-source-untrusted",
    /Public key for app-1\.1-1\.noarch\.rpm is not installed$/,
    false,
  ],
  [
    "a clock that is behind",
    "  - Curl error (60): SSL peer certificate or SSH remote key was not OK for https://repo/x [SSL certificate problem: certificate is not yet valid]",
    "package-certificate-refused",
    /Curl error \(60\)/,
    true,
  ],
  [
    "a script",
    "error: %prein(fails-1.1-1.noarch) scriptlet failed, exit status 3\n\nError in PREIN scriptlet in rpm package fails\nwarning: %post(broken-1.1-1.noarch) scriptlet failed, exit status 1\nError: Transaction failed",
    "package-script-failed",
    /^dnf upgrade failed: %prein\(fails-1\.1-1\.noarch\) scriptlet failed, exit status 3$/,
  ],
  [
    "dependencies",
    "Error: \n Problem 1: cannot install the best update candidate for package needs-1.0-1.noarch\n  - nothing provides nowhere needed by needs-1.1-1.noarch",
    "package-dependencies-broken",
    /: nothing provides nowhere needed by needs-1\.1-1\.noarch$/,
  ],
  [
    "files in each other's way",
    "Error: Transaction test error:\n  file /usr/bin/x from install of a-1-1.noarch conflicts with file from package b-1-1.noarch",
    "package-dependencies-broken",
    /conflicts with file from package b-1-1\.noarch$/,
  ],
  [
    "anything else",
    "Dependencies resolved.\nError: This is unheard of\n",
    "package-upgrade-failed",
    /^dnf upgrade failed with exit code 1: This is unheard of$/,
    false,
  ],
];

describe("why a command failed", () => {
  it.each(cases)("%s", (_title, text, code, message, transient = false) => {
    expect(failure(text)).toEqual({ code, message: expect.stringMatching(message) as string, transient });
  });

  it("is the time-out where that ended it, whatever was printed before", () => {
    const said = "warning: %post(broken-1.1-1.noarch) scriptlet failed, exit status 1";
    expect(failure(said, { kind: "timed-out" })).toMatchObject({
      code: "package-upgrade-failed",
      message: "dnf upgrade took longer than it may and was stopped",
      transient: true,
    });
  });
});

it.each([
  ["  Upgrading        : app-1.2-1.noarch                                       4/7 ", "upgrading to app-1.2-1.noarch"],
  [
    "[ 75/656] Upgrading nodejs-npm-1:10.7.0-1.22.fc41.x86_64     100% |  17.0 MiB/s |   8.2 MiB |  00m00s",
    "upgrading to nodejs-npm-1:10.7.0-1.22.fc41.x86_64",
  ],
  [
    "  Cleanup          : app-1.0-1.noarch                                       7/7 ",
    "removing the old app-1.0-1.noarch",
  ],
  [
    "  Running scriptlet: slow-1.1-1.noarch                                      1/3 ",
    "running a script of slow-1.1-1.noarch",
  ],
  ["(1/3): app-1.2-1.noarch.rpm                     1.2 MB/s | 5.9 kB     00:00    ", "downloading app-1.2-1.noarch"],
])("%s", (line, text) => {
  expect(progressOf(line)).toEqual({ kind: "doing", text });
});

it("says who is waited for, and nothing for a line that says nothing", () => {
  expect(progressOf("Waiting for process with pid 12 to finish.")).toEqual({
    kind: "waiting",
    text: "waiting for process 12",
  });
  expect(progressOf("  Verifying        : app-1.2-1.noarch          1/7 ")).toBe(undefined);
  expect(progressOf("Upgraded:")).toBe(undefined);
});

it("names packages whose scripts failed when they were in place already", () => {
  const lines = [
    "warning: %post(grumbling-1.1-1.noarch) scriptlet failed, exit status 1",
    "",
    "Error in POSTIN scriptlet in rpm package grumbling",
    "Complete!",
  ];
  expect(failedScriptsIn(lines)).toEqual(["grumbling-1.1-1.noarch"]);
});
