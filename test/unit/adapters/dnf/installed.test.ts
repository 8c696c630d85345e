import { describe, expect, it } from "vitest";
import {
  changesBetween,
  duplicatesIn,
  formatInstalled,
  parseInstalled,
  specOf,
} from "../../../../src/adapters/dnf/installed.ts";

function installed(...lines: readonly string[]) {
  return parseInstalled(lines.map((line) => `${line.replaceAll(" ", "\t")}\n`).join(""));
}

it("reads rpm's database, with an epoch of 0 left out, and what it kept itself", () => {
  const packages = installed("openssl-libs 1:3.0.8-1 x86_64 100", "app 0:1.0-1 noarch 90", "tool 2-1 noarch 80");
  expect(packages.map(specOf)).toEqual(["openssl-libs-1:3.0.8-1.x86_64", "app-1.0-1.noarch", "tool-2-1.noarch"]);
  expect(parseInstalled(formatInstalled(packages))).toEqual(packages);
});

describe("packages in two versions", () => {
  it("are what a killed transaction left; the newest is the one that was installed last", () => {
    // By its version 1.10 is the newer one; sorted as text it would not be.
    const packages = installed("app 1.9-1 noarch 100", "app 1.10-1 noarch 200", "glibc 2 x86_64 1", "glibc 2 i686 1");
    expect(duplicatesIn(packages)).toMatchObject([{ newest: { version: "1.10-1" }, older: [{ version: "1.9-1" }] }]);
  });

  it("are as they should be where they are kernels or keys", () => {
    const packages = installed(
      "kernel 6.1.1-1 x86_64 1",
      "kernel 6.1.2-1 x86_64 2",
      "kernel-core 6.1.1-1 x86_64 1",
      "kernel-core 6.1.2-1 x86_64 2",
      "gpg-pubkey d832c631-6515c85e (none) 1",
      "gpg-pubkey d832c632-6515c85e (none) 1",
    );
    expect(duplicatesIn(packages)).toEqual([]);
  });
});

it("tells what changed between two looks, of each architecture by itself", () => {
  const before = installed(
    "app 1.0-1 noarch 1",
    "libc 1-1 x86_64 1",
    "libc 1-1 i686 1",
    "kernel 1-1 x86_64 1",
    "gone 1-1 noarch 1",
  );
  const after = installed(
    "libc 2-1 x86_64 2",
    "libc 1-1 i686 1",
    "kernel 1-1 x86_64 1",
    "kernel 2-1 x86_64 2",
    "app 1.1-1 noarch 2",
  );
  expect(changesBetween(before, after)).toEqual([
    { name: "app", from: "1.0-1", to: "1.1-1" },
    { name: "kernel", to: "2-1" },
    { name: "libc", from: "1-1", to: "2-1" },
  ]);
  expect(changesBetween(after, after)).toEqual([]);
});
