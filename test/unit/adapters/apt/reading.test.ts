import { describe, expect, it } from "vitest";
import { parseLocks } from "../../../../src/adapters/host/packages/locks.ts";
import { parseStates } from "../../../../src/adapters/apt/package-states.ts";
import { changesIn, progressOf } from "../../../../src/adapters/apt/progress.ts";
import { judgeReboot, parseKernels, type RebootEvidence } from "../../../../src/adapters/apt/reboot.ts";

it("reads who is half done and who is held out of dpkg's database", () => {
  const output = [
    "ii  base",
    "hi  nginx",
    "iF  broken:amd64",
    "iU  unpacked",
    "iHR half",
    "it  triggers",
    "rc  removed",
    "iW  waits",
    "",
  ].join("\n");
  expect(parseStates(output)).toEqual({
    unfinished: ["broken:amd64", "unpacked", "half", "triggers", "waits"],
    torn: ["half"],
    held: ["nginx"],
  });
});

it("reads write locks out of the kernel's list", () => {
  const text = [
    "1: POSIX  ADVISORY  WRITE 1234 fe:00:5678 0 EOF",
    "1: -> POSIX  ADVISORY  WRITE 99 fe:00:5678 0 EOF",
    "2: FLOCK  ADVISORY  WRITE 7 00:1a:11 0 EOF",
    "3: POSIX  ADVISORY  READ 8 00:1a:12 128 128",
    "4: OFDLCK ADVISORY  WRITE -1 00:1a:13 0 EOF",
  ].join("\n");
  expect(parseLocks(text)).toEqual([
    { pid: 1234, inode: 5678 },
    { pid: -1, inode: 13 },
  ]);
});

describe("what lines mean to somebody who waits", () => {
  it.each([
    [
      "Get:3 http://deb.debian.org/debian bookworm/main amd64 nginx amd64 1.22.1-9 [527 kB]",
      { kind: "doing", text: "downloading nginx 1.22.1-9" },
    ],
    [
      "Get:1 http://deb.debian.org/debian bookworm InRelease [151 kB]",
      { kind: "doing", text: "reading the index of http://deb.debian.org/debian bookworm" },
    ],
    [
      "Unpacking nginx (1.22.1-9+deb12u3) over (1.22.1-9) ...",
      { kind: "doing", text: "unpacking nginx 1.22.1-9+deb12u3" },
    ],
    ["Setting up libc6:amd64 (2.36-9+deb12u13) ...", { kind: "doing", text: "setting up libc6:amd64 2.36-9+deb12u13" }],
    [
      "Waiting for cache lock: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 9 (unattended-upgr)...",
      { kind: "waiting", text: "waiting for process 9 (unattended-upgr), which holds /var/lib/dpkg/lock-frontend" },
    ],
    ["Reading package lists...", undefined],
  ])("%s", (line, meaning) => {
    expect(progressOf(line)).toEqual(meaning);
  });
});

it("reads what changed out of a log, interrupted transactions included", () => {
  const log = [
    "Preparing to unpack .../nginx_1.2_amd64.deb ...",
    "Unpacking nginx (1.2) over (1.1) ...",
    "Unpacking libnew:amd64 (2.0) ...",
    // After a power cut the same package once more, and then a later version of it.
    "Unpacking nginx (1.2) over (1.2) ...",
    "Unpacking nginx (1.3) over (1.2) ...",
    "Unpacking same (4) over (4) ...",
    "Setting up nginx (1.3) ...",
    // Unpacked by a transaction whose log is lost.
    "Setting up cut (5) ...",
  ].join("\n");
  expect(changesIn(log)).toEqual([
    { name: "nginx", from: "1.1", to: "1.3" },
    { name: "libnew:amd64", to: "2.0" },
    { name: "cut", to: "5" },
  ]);
});

it("counts what was only set up, and keeps the version that a later upgrade started from", () => {
  const log = [
    "Setting up app (1.1) ...",
    "Setting up broken (1.1) ...",
    "Unpacking broken (1.2) over (1.1) ...",
    "Setting up broken (1.2) ...",
    "Unpacking new (2.0) ...",
    "Setting up new (2.0) ...",
    "Unpacking new (2.1) over (2.0) ...",
  ].join("\n");
  expect(changesIn(log)).toEqual([
    { name: "app", to: "1.1" },
    { name: "broken", from: "1.1", to: "1.2" },
    { name: "new", to: "2.1" },
  ]);
});

describe("whether a reboot is due", () => {
  const evidence: RebootEvidence = {
    flagged: false,
    packages: [],
    container: false,
    release: "6.1.0-37-cloud-amd64",
    build: "#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)",
    kernels: [{ release: "6.1.0-37-cloud-amd64", version: "6.1.140-1" }],
  };

  it.each<[string, Partial<RebootEvidence>, readonly string[]]>([
    ["nothing new", {}, []],
    [
      "flag with packages",
      { flagged: true, packages: ["linux-base", "libc6", "libc6", ""] },
      ["linux-base asks for a reboot", "libc6 asks for a reboot"],
    ],
    ["flag alone", { flagged: true, packages: [""] }, ["the system asks for a reboot (/run/reboot-required)"]],
    [
      "a newer kernel, which sorts after by number and not by letter",
      {
        release: "6.1.0-9-cloud-amd64",
        kernels: [...evidence.kernels, { release: "6.1.0-9-cloud-amd64", version: "6.1.27-1" }],
      },
      ["kernel 6.1.0-9-cloud-amd64 runs, 6.1.0-37-cloud-amd64 is installed"],
    ],
    [
      "another flavour is no update",
      { kernels: [...evidence.kernels, { release: "6.1.0-40-amd64", version: "6.1.153-1" }] },
      [],
    ],
    [
      "an older kernel beside it",
      { kernels: [...evidence.kernels, { release: "6.1.0-35-cloud-amd64", version: "6.1.137-1" }] },
      [],
    ],
    [
      "the same kernel in a newer package",
      { kernels: [{ release: "6.1.0-37-cloud-amd64", version: "6.1.141-1" }] },
      ["kernel 6.1.0-37-cloud-amd64 runs in version 6.1.140-1, 6.1.141-1 is installed"],
    ],
    [
      "a container runs its host's kernel",
      { container: true, kernels: [{ release: "6.9.0-1-cloud-amd64", version: "6.9.1-1" }] },
      [],
    ],
    ["a machine without kernel packages", { kernels: [] }, []],
  ])("%s", (_name, change, reasons) => {
    expect(judgeReboot({ ...evidence, ...change })).toEqual({ required: reasons.length > 0, reasons });
  });

  it("takes kernels, and not meta packages, debug symbols or removed ones, out of dpkg's list", () => {
    const output = [
      "ii  linux-image-6.1.0-37-amd64 6.1.140-1",
      "ii  linux-image-amd64 6.1.140-1",
      "ii  linux-image-6.1.0-37-amd64-dbg 6.1.140-1",
      "rc  linux-image-6.1.0-35-amd64 6.1.137-1",
      "ii  linux-image-unsigned-6.8.0-60-generic 6.8.0-60.63",
    ].join("\n");
    expect(parseKernels(output)).toEqual([
      { release: "6.1.0-37-amd64", version: "6.1.140-1" },
      { release: "6.8.0-60-generic", version: "6.8.0-60.63" },
    ]);
  });
});
