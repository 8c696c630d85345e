import { describe, expect, it } from "vitest";
import { verdictsIn } from "../../../../src/adapters/dnf/verdicts.ts";

// Recorded from dnf 4.14 and 4.23 with one repository behind a black hole, one refusing, one there.
const dead = `dead one                                        0.0  B/s |   0  B     00:20    
Errors during downloading metadata for repository 'dead':
  - Curl error (28): Timeout was reached for http://10.9.9.9/x/repodata/repomd.xml [Connection timed out after 5000 milliseconds]
Error: Failed to download metadata for repo 'dead': Cannot download repomd.xml: Cannot download repodata/repomd.xml: All mirrors were tried
r                                               0.0  B/s |   0  B     00:00    
Errors during downloading metadata for repository 'refused':
  - Curl error (7): Could not connect to server for http://u:secret@10.9.0.1/x/repodata/repomd.xml [Failed to connect to 10.9.0.1 port 80 after 0 ms: Could not connect to server]
Error: Failed to download metadata for repo 'refused': Cannot download repomd.xml: Cannot download repodata/repomd.xml: All mirrors were tried
Ignoring repositories: dead, refused
Metadata cache created.`;
const alive = "muster lab                                      1.0 MB/s | 3.8 kB     00:00    ";

describe("the verdicts of a refresh", () => {
  it("name what is dead beside what was read", () => {
    const { read, failed } = verdictsIn([alive, ...dead.split("\n")]);
    expect(read).toBe(1);
    expect(failed.map(({ source, code, transient }) => [source, code, transient])).toEqual([
      ["dead", "package-timeout", true],
      ["refused", "package-connection-refused", true],
    ]);
    expect(failed[0]?.message).toMatch(
      /^The repository dead could not be read: Curl error \(28\): Timeout was reached/,
    );
    expect(JSON.stringify(failed)).not.toContain("secret");
  });

  it("tell when nothing was read, although dnf ends well", () => {
    expect(verdictsIn(dead.split("\n")).read).toBe(0);
    expect(verdictsIn([alive, "Metadata cache created."])).toEqual({ read: 1, failed: [] });
  });

  it("tell a signature from an outage", () => {
    const lines = [
      alive,
      "x                       1.0 MB/s | 3.8 kB     00:00    ",
      "Error: Failed to download metadata for repo 'x': repomd.xml GPG signature verification error: Signing key not found",
      "Ignoring repositories: x",
    ];
    expect(verdictsIn(lines).failed[0]).toMatchObject({ code: "package-source-untrusted", transient: false });
  });
});
