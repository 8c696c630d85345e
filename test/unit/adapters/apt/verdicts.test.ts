// Against what apt 2.6 (Debian 12) and apt 3.0 (Debian 13) really printed, with sources that are dead, changed or unsigned.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failureOf } from "../../../../src/adapters/apt/failure.ts";
import { withFiles } from "../../../../src/adapters/apt/source-files.ts";
import { nameOf, verdictsIn } from "../../../../src/adapters/apt/verdicts.ts";

async function update(version: string, title: string): Promise<readonly string[]> {
  const text = await readFile(join(import.meta.dirname, `updates/apt-${version}.txt`), "utf8");
  const section = text.split("=== ").find((part) => part.startsWith(`${title}\n`));
  if (section === undefined) throw new Error(`no ${title}`);
  return section.split("\n").slice(1);
}

const key = "6A3EAB48BCBCEBE0";

describe.each(["2.6", "3.0"])("apt %s", (version) => {
  it("reads a source", async () => {
    expect(verdictsIn(await update(version, "ok"))).toEqual({ read: 1, failed: [] });
  });

  it.each([
    [
      "wrong key, no old index",
      "/repos/nokey stable",
      "package-source-untrusted",
      key,
      `${key} in the file that Signed-By names`,
    ],
    [
      "key replaced, old index there",
      "/repos/cur stable",
      "package-source-untrusted",
      key,
      `${key} in the file that Signed-By names`,
    ],
    [
      "keyring file missing",
      "/repos/nokey stable",
      "package-source-untrusted",
      version === "2.6" ? key : "/repos/gone.asc",
      "Signed-By names",
    ],
    ["label changed", "/repos/cur stable", "package-source-changed", `"L" to "M"`, "--allow-releaseinfo-change-label"],
    ["black hole", "10.9.9.9 stable", "package-timeout", "connection timed out", "security groups"],
    ["refused", "10.9.0.1 stable", "package-connection-refused", "Connection refused", "mirror runs"],
    ["dns hole", "apt.dead.example stable", "package-name-unresolved", "Temporary failure resolving", "resolv.conf"],
  ])("%s", async (title, source, code, reason, remedy) => {
    const { read, failed } = verdictsIn(await update(version, title));
    expect(read).toBe(1);
    expect(failed).toHaveLength(1);
    const [verdict] = failed;
    expect(verdict).toMatchObject({ source, code, transient: !/untrusted|changed/.test(code) });
    expect(verdict?.message).toContain(source);
    expect(verdict?.message).toContain(reason);
    expect(verdict?.message.length).toBeLessThan(400);
    expect(verdict?.hint).toContain(remedy);
  });

  it("names each of several dead ones, and no password", async () => {
    const { failed } = verdictsIn(await update(version, "black hole twice"));
    expect(failed.map(({ source }) => source).toSorted()).toEqual(["10.9.9.9 stable", "10.9.9.9 stable-updates"]);
    expect(JSON.stringify(failed)).not.toContain("secret");
  });

  it.each([
    ["conflict", /Conflicting values set for option Signed-By regarding source file:\/repos\/ok\/ stable/],
    ["malformed", /Malformed entry 1 in list file \/etc\/apt\/sources\.list\.d\/bad\.list/],
    ["malformed stanza", /bad\.sources \(Suite\)/],
  ])("%s: nothing can be read at all", async (title, words) => {
    const lines = await update(version, title);
    expect(verdictsIn(lines)).toEqual({ read: 0, failed: [] });
    const failed = { what: "apt-get update", exit: { kind: "exited", code: 100 }, lines, logFile: "/log" } as const;
    expect(failureOf(failed)).toMatchObject({
      code: "package-sources-invalid",
      message: expect.stringMatching(words) as string,
      transient: false,
    });
  });
});

it("an expired key is named", async () => {
  const [verdict] = verdictsIn(await update("2.6", "expired")).failed;
  expect(verdict).toMatchObject({
    code: "package-source-untrusted",
    hint: "Its key 86AF42A875FC5560 is no longer valid: install the one that replaces it",
  });
});

it.each([
  ["http://user:pw@deb.example.com:8080/private/TOKEN", "bookworm/main", "deb.example.com:8080 bookworm"],
  ["https://deb.example.com/flat", "./", "deb.example.com"],
  ["file:/srv/repo", "stable", "/srv/repo stable"],
])("%s %s", (uri, suite, name) => {
  expect(nameOf({ uri, suite })).toBe(name);
});

it("a failed transaction names the source that did not answer", () => {
  const lines = [
    "Err:1 http://deb.debian.org/debian-security bookworm-security/main amd64 perl amd64 5.36.0-7+deb12u3",
    "  404  Not Found [IP: 151.101.2.132 80]",
    "E: Failed to fetch http://deb.debian.org/x.deb  404  Not Found [IP: 151.101.2.132 80]",
  ];
  const failed = { what: "apt-get upgrade", exit: { kind: "exited", code: 100 }, lines, logFile: "/log" } as const;
  expect(failureOf(failed).message).toBe(
    "apt-get upgrade could not download everything from deb.debian.org bookworm-security: 404  Not Found [IP: 151.101.2.132 80]",
  );
});

it("says in which file a source stands", async () => {
  const directory = await mkdtemp(join(tmpdir(), "muster-apt-"));
  try {
    await mkdir(join(directory, "sources.list.d"));
    await writeFile(
      join(directory, "sources.list.d/dead.list"),
      "deb [signed-by=/x] http://u:p@10.9.9.9/debian/ stable main\n",
    );
    await writeFile(join(directory, "sources.list.d/dead.list.bak"), "deb http://10.9.9.9/debian stable main\n");
    const { failed } = verdictsIn(await update("2.6", "black hole"));
    const [named] = await withFiles(failed, directory);
    expect(named?.hint).toBe(
      `See that firewalls and security groups let this instance through to the mirror, or take the source out of /etc/apt/sources.list.d (it stands in ${directory}/sources.list.d/dead.list).`,
    );
    expect(named).not.toHaveProperty("uri");
    expect((await withFiles(failed, join(directory, "nothing")))[0]?.hint).toBe(
      "See that firewalls and security groups let this instance through to the mirror, or take the source out of /etc/apt/sources.list.d.",
    );
  } finally {
    await rm(directory, { recursive: true });
  }
});
