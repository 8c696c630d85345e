import { expect, test } from "vitest";
import * as paths from "../../../src/domain/settings/paths.ts";
import { findEvidence, gatherEvidence, knownSecrets } from "../../../src/queries/bundle.ts";

const { signal } = new AbortController();

function missing(): Promise<never> {
  return Promise.reject(Object.assign(new Error("ENOENT: no such file"), { code: "ENOENT" }));
}

test("what is found: runs in order, what was set aside, logs, state and settings", async () => {
  const directories: Record<string, readonly string[]> = {
    [paths.runsDirectory]: ["0010-abcd", "0002-abcd", "0001-abcd.unreadable-1", "x"],
    [`${paths.logDirectory}/units`]: ["muster-0002-abcd-patch-1.log"],
    [paths.stateDirectory]: ["status.json"],
    [paths.settingsDirectory]: ["10-site.yaml"],
  };
  const found = await findEvidence({ namesIn: async (directory) => directories[directory] ?? [] });
  expect(found).toEqual({
    runs: ["0002-abcd", "0010-abcd"],
    setAside: ["0001-abcd.unreadable-1"],
    unitLogs: ["muster-0002-abcd-patch-1.log"],
    state: ["status.json"],
    settings: ["10-site.yaml"],
  });
});

test("a file and a command, bounded; what cannot be had is a reason", async () => {
  const asked: unknown[] = [];
  const ports = {
    async ask(argv: readonly string[], { maxBytes, timeoutMs }: { maxBytes: number; timeoutMs: number }) {
      asked.push([argv, maxBytes, timeoutMs]);
      return { text: "printed", exit: 3 };
    },
    readTail: async (file: string, maxBytes: number) =>
      file === "/there" ? { text: "t", cutFrom: maxBytes } : missing(),
  };
  const gather = async (source: Parameters<typeof gatherEvidence>[1][number]) =>
    (await Array.fromAsync(gatherEvidence(ports, [source], signal)))[0];
  const [two, half] = [2 * 1024 * 1024, 512 * 1024];
  expect(await gather({ name: "a", from: "command", argv: ["df", "-h"] })).toEqual({
    name: "a",
    from: "df -h",
    text: "printed",
    exit: 3,
  });
  expect(asked).toEqual([[["df", "-h"], two, 15_000]]);
  expect(await gather({ name: "b", from: "file", file: "/there" })).toMatchObject({ text: "t", cutFrom: half });
  expect(await gather({ name: "c", from: "file", file: "/gone" })).toEqual({
    name: "c",
    from: "/gone",
    why: "there is none",
  });
});

test("secrets are read from the files that the settings name, each once; one that cannot be read is told", async () => {
  const files: Record<string, string> = {
    [paths.settingsFile]: "config:\n  ssh: { key: /etc/muster/id }\n  https: { ca: /etc/muster/ca.pem }\n",
    [`${paths.settingsDirectory}/10-dns.yaml`]:
      "config:\n  ssh: { key: /etc/muster/id }\nlocal: { dns: { key: /etc/muster/tsig } }\n",
    "/etc/muster/id": "s3cretWordOfTheKey",
  };
  const read: string[] = [];
  const secrets = await knownSecrets({
    namesIn: async () => ["10-dns.yaml"],
    async beginningOf(file) {
      read.push(file);
      return files[file] ?? missing();
    },
  });
  expect(read.filter((file) => file === "/etc/muster/id")).toHaveLength(1);
  expect(secrets.known).toContain("s3cretWordOfTheKey");
  for (const { why } of secrets.unread as readonly { why: string }[]) expect(why).toBe("there is none");
  expect(secrets.unread.every(({ name }) => name === "(secrets to be looked for)")).toBe(true);
});
