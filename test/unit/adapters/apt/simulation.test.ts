import { describe, expect, it } from "vitest";
import { parsePolicy, parseSimulation } from "../../../../src/adapters/apt/simulation.ts";

// apt 2.6.2 on bookworm, shortened.
const bookworm = `Reading package lists...
Building dependency tree...
Reading state information...
Calculating upgrade...
The following packages have been kept back:
  libgl1-mesa-dri linux-image-amd64
The following NEW packages will be installed:
  linux-image-6.1.0-41-amd64
The following packages will be upgraded:
  base-files libgcrypt20 libpam-modules-bin perl-base
4 upgraded, 1 newly installed, 0 to remove and 2 not upgraded.
Inst base-files [12.4+deb12u11] (12.4+deb12u15 Debian:12.15/oldstable [amd64])
Conf base-files (12.4+deb12u15 Debian:12.15/oldstable [amd64])
Inst perl-base [5.36.0-7+deb12u2] (5.36.0-7+deb12u4 Debian-Security:12/oldstable-security [amd64]) []
Inst libpam-modules-bin [1.5.2-6+deb12u1] (1.5.2-6+deb12u2 Debian:12.15/oldstable [amd64]) [libpam-modules:amd64 on libpam-modules-bin:amd64] [libpam-modules:amd64 ]
Inst libgcrypt20 [1.10.1-3] (1.10.1-3+deb12u1 Debian:12.15/oldstable, Debian-Security:12/oldstable-security [amd64])
Inst linux-image-6.1.0-41-amd64 (6.1.158-1 Debian-Security:12/oldstable-security [amd64])
`;

describe("what a simulated upgrade says", () => {
  it("lists versions, tells security by any archive that has the version, and what is kept back", () => {
    expect(parseSimulation(bookworm)).toEqual({
      upgrades: [
        { name: "base-files", from: "12.4+deb12u11", to: "12.4+deb12u15", security: false },
        { name: "perl-base", from: "5.36.0-7+deb12u2", to: "5.36.0-7+deb12u4", security: true },
        { name: "libpam-modules-bin", from: "1.5.2-6+deb12u1", to: "1.5.2-6+deb12u2", security: false },
        { name: "libgcrypt20", from: "1.10.1-3", to: "1.10.1-3+deb12u1", security: true },
        { name: "linux-image-6.1.0-41-amd64", to: "6.1.158-1", security: true },
      ],
      keptBack: ["libgl1-mesa-dri", "linux-image-amd64"],
    });
  });

  it.each([
    [
      "Inst libcurl4 [7.81.0-1ubuntu1.17] (7.81.0-1ubuntu1.18 Ubuntu:22.04/jammy-updates, Ubuntu:22.04/jammy-security [amd64])",
      true,
    ],
    ["Inst libc6 [2.31-0ubuntu9.16] (2.31-0ubuntu9.17 UbuntuESM:20.04/focal-infra-security [amd64])", true],
    ["Inst vim [2:8.2.3995-1ubuntu2.15] (2:8.2.3995-1ubuntu2.16 Ubuntu:22.04/jammy-updates [amd64])", false],
    ["Inst libssl3t64:i386 [3.5.1-1] (3.5.1-1+deb13u1 Debian-Security:13/stable-security [i386])", true],
    // A third party that calls its archive so: the suite decides, not any text that contains the word.
    ["Inst agent [1] (2 Some-security-vendor:stable/main [amd64])", false],
    ["Inst local [1] (2 [all])", undefined],
  ])("%s", (line, security) => {
    expect(parseSimulation(line).upgrades.map((upgrade) => upgrade.security)).toEqual(
      security === undefined ? [] : [security],
    );
  });

  it("counts what Ubuntu phases in as kept back", () => {
    const text =
      "The following upgrades have been deferred due to phasing:\n  snapd ubuntu-pro-client\n0 upgraded, 0 newly installed\n";
    expect(parseSimulation(text).keptBack).toEqual(["snapd", "ubuntu-pro-client"]);
  });
});

// apt-cache 2.6.2 on bookworm: curl's security version is older than the installed one, tzdata's newer.
const policy = `curl:
  Installed: 7.88.1-10+deb12u14
  Candidate: 7.88.1-10+deb12u15
  Version table:
     7.88.1-10+deb12u15 500
        500 http://deb.debian.org/debian bookworm/main amd64 Packages
 *** 7.88.1-10+deb12u14 100
        100 /var/lib/dpkg/status
     7.88.1-10+deb12u5 500
        500 http://deb.debian.org/debian-security bookworm-security/main amd64 Packages
tzdata:
  Installed: 2025b-0+deb12u2
  Candidate: 2026g-0+deb12u1
  Version table:
     2026g-0+deb12u1 500
        500 http://deb.debian.org/debian bookworm-updates/main amd64 Packages
     2026f-0+deb12u1 500
        500 http://deb.debian.org/debian-security bookworm-security/main amd64 Packages
 *** 2025b-0+deb12u2 100
        100 /var/lib/dpkg/status
`;

it("finds the security update that a later ordinary version hides", () => {
  expect([...parsePolicy(policy)]).toEqual(["tzdata"]);
});
