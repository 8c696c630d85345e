import { describe, expect, it } from "vitest";
import { parseResolved } from "../../../../src/adapters/dnf/resolved.ts";

function short({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name} ${version}`;
}

function names(text: string) {
  const { upgrades, installs, skipped } = parseResolved(text);
  return { upgrades: upgrades.map(short), installs: installs.map(short), skipped: skipped.map(short) };
}

describe("a transaction that was resolved and not begun", () => {
  it("is read from dnf 4, at 80 columns too", () => {
    const text = `Last metadata expiration check: 0:00:32 ago on Sat Nov 21 04:27:45 2026.
Dependencies resolved.

 Problem: cannot install the best update candidate for package needs-1.0-1.noarch
  - nothing provides nowhere needed by needs-1.1-1.noarch
================================================================================
 Package              Architecture      Version            Repository      Size
================================================================================
Installing:
 kernel               x86_64            6.1.21-1.45.amzn2023
                                                           amazonlinux     26 M
Upgrading:
 app                  noarch            1.2-1              lab            5.9 k
 bjnplugin
                      x86_64            2:2.100.85.8-1     bluejeans      4.2 M
Installing dependencies:
 grow-data            noarch            1.0-1              lab            5.9 k
     replacing  grow-files.noarch 0.9-1
Installing weak dependencies:
 grow-more            noarch            1.0-1              lab            5.9 k
Skipping packages with broken dependencies:
 needs                noarch            1.1-1              lab            5.9 k

Transaction Summary
================================================================================
Install  3 Packages
Upgrade  2 Packages
Skip     1 Package

Total size: 41 k
Operation aborted.
`;
    expect(names(text)).toEqual({
      upgrades: ["app 1.2-1", "bjnplugin 2:2.100.85.8-1"],
      installs: ["kernel 6.1.21-1.45.amzn2023", "grow-data 1.0-1", "grow-more 1.0-1"],
      skipped: ["needs 1.1-1"],
    });
  });

  // As Fedora 42 printed it in https://github.com/webmin/webmin/issues/2501.
  it("is read from dnf 5", () => {
    const text = `Updating and loading repositories:
Repositories loaded.
Package              Arch   Version        Repository      Size
Upgrading:
 curl                x86_64 8.11.1-5.fc42  updates    450.7 KiB
   replacing curl    x86_64 8.11.1-4.fc42  fedora     450.6 KiB
 libcurl             x86_64 8.11.1-5.fc42  updates    834.0 KiB
   replacing libcurl x86_64 8.11.1-4.fc42  fedora     842.1 KiB

Transaction Summary:
 Upgrading:          2 packages
 Replacing:          2 packages

Operation aborted by the user.
`;
    expect(names(text)).toEqual({
      upgrades: ["curl 8.11.1-5.fc42", "libcurl 8.11.1-5.fc42"],
      installs: [],
      skipped: [],
    });
  });

  it("is nothing where nothing is to do", () => {
    const nothing = { upgrades: [], installs: [], skipped: [] };
    expect(parseResolved("Dependencies resolved.\nNothing to do.\nComplete!\n")).toEqual(nothing);
    expect(parseResolved("No packages marked for update\n")).toEqual(nothing);
  });
});
