import { describe, expect, it } from "vitest";
import { failureOf } from "../../../../src/adapters/apt/failure.ts";
import type { UnitExit } from "../../../../src/ports/unit-runner.ts";

const exit100: UnitExit = { kind: "exited", code: 100 };

function failure(text: string, exit: UnitExit = exit100) {
  const { code, message, transient } = failureOf({
    what: "apt-get install",
    exit,
    lines: text.split("\n"),
    logFile: "/log",
  });
  return { code, message, transient };
}

describe("why a package command failed", () => {
  const cases: readonly [text: string, expected: object][] = [
    [
      "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 812 (apt-get)\nN: Be aware that removing the lock file is not a solution\nE: Unable to lock directory /var/lib/apt/lists/",
      {
        code: "package-lock-held",
        message:
          "apt-get install could not begin because of process 812 (apt-get), which holds /var/lib/apt/lists/lock",
        transient: true,
      },
    ],
    [
      "dpkg: error: dpkg frontend lock was locked by another process with pid 77\nNote: removing the lock file is always wrong",
      {
        code: "package-lock-held",
        message: "apt-get install could not begin because of process 77, which holds dpkg's lock",
        transient: true,
      },
    ],
    // apt 2.6 through a proxy that asks for a password: to http and to https sources.
    [
      "Err:4 http://deb.example.internal/debian bookworm/main amd64 Packages\n  407  Proxy Authentication Required [IP: 10.0.0.9 3128]\nE: Failed to fetch http://deb.example.internal/debian/dists/bookworm/main/binary-amd64/Packages  407  Proxy Authentication Required [IP: 10.0.0.9 3128]",
      {
        code: "proxy-refused",
        message:
          "apt-get install could not download everything from deb.example.internal bookworm: 407  Proxy Authentication Required [IP: 10.0.0.9 3128]",
        transient: true,
      },
    ],
    [
      "Err:1 https://sec.example.internal/debian bookworm InRelease\n  Invalid response from proxy: HTTP/1.1 403 Forbidden  Content-Length: 0     [IP: 10.0.0.9 3128]",
      {
        code: "proxy-refused",
        message:
          "apt-get install could not download everything from sec.example.internal bookworm: Invalid response from proxy: HTTP/1.1 403 Forbidden  Content-Length: 0     [IP: 10.0.0.9 3128]",
        transient: true,
      },
    ],
    [
      "E: You don't have enough free space in /var/cache/apt/archives/.",
      {
        code: "package-disk-full",
        message: "apt-get install found the disk full: You don't have enough free space in /var/cache/apt/archives/.",
        transient: false,
      },
    ],
    [
      "dpkg: error processing archive /var/cache/apt/archives/x_1_all.deb (--unpack):\n cannot copy extracted data for './usr/x' to '/usr/x.dpkg-new': failed to write (No space left on device)",
      {
        code: "package-disk-full",
        message: expect.stringContaining("No space left on device") as string,
        transient: false,
      },
    ],
    [
      "Setting up nginx (1.22.1-9+deb12u3) ...\ndpkg: error processing package nginx (--configure):\n installed nginx package post-installation script subprocess returned error exit status 1\nErrors were encountered while processing:\n nginx\nE: Sub-process /usr/bin/dpkg returned an error code (1)",
      {
        code: "package-script-failed",
        message:
          "apt-get install failed at nginx, in its postinst: installed nginx package post-installation script subprocess returned error exit status 1",
        transient: false,
      },
    ],
    [
      // The package at fault comes after one that only depends on it.
      "dpkg: error processing package app (--configure):\n dependency problems - leaving unconfigured\ndpkg: error processing package base (--configure):\n installed base package post-installation script subprocess returned error exit status 2",
      {
        code: "package-script-failed",
        message:
          "apt-get install failed at base, in its postinst: installed base package post-installation script subprocess returned error exit status 2",
        transient: false,
      },
    ],
    [
      'Setting up nginx (1.22.1-9+deb12u3) ...\nnginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)\ninvoke-rc.d: initscript nginx, action "start" failed.\ndpkg: error processing package nginx (--configure):\n installed nginx package post-installation script subprocess returned error exit status 1',
      {
        code: "package-script-failed",
        message:
          "apt-get install failed at nginx, in its postinst: nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use) (installed nginx package post-installation script subprocess returned error exit status 1)",
        transient: false,
      },
    ],
    [
      "Processing triggers for initramfs-tools (0.142) ...\nupdate-initramfs: failed for /boot/initrd.img-6.1.0-40 with 1.\ndpkg: error processing package initramfs-tools (--configure):\n installed initramfs-tools package post-installation script subprocess returned error exit status 1",
      {
        code: "package-script-failed",
        message: expect.stringMatching(/at initramfs-tools, in its trigger: update-initramfs: failed for/) as string,
        transient: false,
      },
    ],
    [
      "Preparing to unpack .../app_2_all.deb ...\nUnpacking app (2) over (1) ...\ndpkg: error processing archive /var/cache/apt/archives/app_2_all.deb (--unpack):\n trying to overwrite '/usr/bin/app', which is also in package other 1.0",
      {
        code: "package-dependencies-broken",
        message: expect.stringContaining("which is also in package other 1.0") as string,
        transient: false,
      },
    ],
    [
      "Setting up conf (1.1) ...\ndpkg: error processing package conf (--configure):\n end of file on stdin at conffile prompt",
      {
        code: "package-script-failed",
        message: "apt-get install failed at conf, in its conffile: end of file on stdin at conffile prompt",
        transient: false,
      },
    ],
    [
      "Err:1 http://deb.debian.org/debian-security bookworm-security/main amd64 perl amd64 5.36.0-7+deb12u3\n  404  Not Found [IP: 151.101.2.132 80]\nE: Failed to fetch http://deb.debian.org/x.deb  404  Not Found [IP: 151.101.2.132 80]\nE: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?",
      { code: "package-file-missing", message: expect.stringContaining("404  Not Found") as string, transient: true },
    ],
    [
      "Err:1 http://deb.debian.org/debian bookworm InRelease\n  Temporary failure resolving 'deb.debian.org'\nE: Failed to fetch http://deb.debian.org/debian/dists/bookworm/InRelease  Temporary failure resolving 'deb.debian.org'\nE: Some index files failed to download. They have been ignored, or old ones used instead.",
      {
        code: "package-name-unresolved",
        message: expect.stringContaining("Temporary failure resolving 'deb.debian.org'") as string,
        transient: true,
      },
    ],
    [
      "Err:1 http://example.com stable InRelease\n  The following signatures couldn't be verified because the public key is not available: NO_PUBKEY 0123456789ABCDEF\nE: The repository 'http://example.com stable InRelease' is not signed.",
      {
        code: "package-source-untrusted",
        message: expect.stringContaining("NO_PUBKEY 0123456789ABCDEF") as string,
        transient: false,
      },
    ],
    [
      "E: Release file for http://deb.debian.org/debian/dists/bookworm/InRelease is not valid yet (invalid for another 5h 2min 3s). Updates for this repository will not be applied.",
      {
        code: "package-source-untrusted",
        message: expect.stringContaining("not valid yet") as string,
        transient: true,
      },
    ],
    [
      "The following packages have unmet dependencies:\n app : Depends: base (>= 2) but 1 is to be installed\nE: Unable to correct problems, you have held broken packages.",
      {
        code: "package-dependencies-broken",
        message: expect.stringContaining("unmet dependencies") as string,
        transient: false,
      },
    ],
    [
      "E: Something that nobody has seen before",
      {
        code: "package-upgrade-failed",
        message: "apt-get install failed with exit code 100: Something that nobody has seen before",
        transient: false,
      },
    ],
  ];
  for (const [text, expected] of cases) {
    it(text.split("\n")[0] ?? "", () => {
      expect(failure(text)).toEqual(expected);
    });
  }

  it.each<[UnitExit, string]>([
    [{ kind: "timed-out" }, "apt-get install took longer than it may and was stopped"],
    [{ kind: "killed", signal: "SIGKILL" }, "apt-get install was killed by SIGKILL"],
    [
      { kind: "lost", why: "the kernel killed it for want of memory" },
      "apt-get install did not end by itself: the kernel killed it for want of memory",
    ],
  ])("%o", (exit, message) => {
    expect(failure("Setting up nginx (1.0) ...", exit)).toEqual({
      code: "package-upgrade-failed",
      message,
      transient: true,
    });
  });

  it("does not take a wait for a lock that came to an end for the reason", () => {
    const text =
      "Waiting for cache lock: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 9 (dpkg)...\nE: Broken";
    expect(failure(text).code).toBe("package-upgrade-failed");
  });
});
