import { expect, it } from "vitest";
import { judgeLock, type ReleaseEvidence } from "../../../../src/adapters/dnf/release-lock.ts";

const amazon = 'NAME="Amazon Linux"\nVERSION="2023"\nID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"\n';
const evidence: ReleaseEvidence = {
  osRelease: amazon,
  variable: undefined,
  installed: "2023.5.20240624\n",
  updates: `WARNING:
  A newer release of "Amazon Linux" is available.

  Available Versions:

  Version 2023.9.20251117:
    Run the following command to upgrade to 2023.9.20251117:

      dnf upgrade --releasever=2023.9.20251117

  Version 2023.10.20260105:
`,
};

it.each<[string, Partial<ReleaseEvidence>, ReturnType<typeof judgeLock>]>([
  ["the image's version, and a newer one that is out", {}, { version: "2023.5.20240624", newest: "2023.10.20260105" }],
  ["versions only", { updates: "2023.6.20241010\n" }, { version: "2023.5.20240624", newest: "2023.6.20241010" }],
  [
    "the variable goes before the image",
    { variable: "2023.9.20251117\n" },
    { version: "2023.9.20251117", newest: "2023.10.20260105" },
  ],
  ["the newest version keeps nothing back", { variable: "2023.10.20260105" }, undefined],
  ["nothing is out", { updates: "" }, undefined],
  ["latest is no lock", { variable: "latest\n" }, undefined],
  ["nobody answers", { updates: undefined }, { version: "2023.5.20240624" }],
  ["Amazon Linux 2", { osRelease: 'ID="amzn"\nVERSION_ID="2"\n' }, undefined],
  ["another distribution", { osRelease: "ID=fedora\nVERSION_ID=2041\n" }, undefined],
])("%s", (_title, more, lock) => {
  expect(judgeLock({ ...evidence, ...more })).toEqual(lock);
});
