import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { bundleCommand, type BundleDeps } from "../../../../src/cli/commands/bundle.ts";
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import { secretFilesIn } from "../../../../src/views/bundle/contents.ts";
import { createFakeIo } from "../../../fakes/command-io.ts";
import { serving } from "../reports.ts";

const runs = Array.from({ length: 7 }, (_, index) => `000${index + 1}-abcd`);

async function bundle(options: Record<string, string> = {}, given: Partial<BundleDeps> = {}) {
  const io = createFakeIo({ isTty: true });
  const written: { file: string; archive: Uint8Array }[] = [];
  const deps: BundleDeps = {
    muster: { version: "0.1.0", commit: "abc" },
    status: async () => serving,
    observe: async (now) => ({
      now,
      status: serving,
      agent: { kind: "gone" },
      settings: { kind: "unread" },
      role: [],
      scheduled: [],
      unread: [],
    }),
    find: async () => ({
      runs,
      setAside: ["0002-abcd.unreadable-1"],
      unitLogs: runs.flatMap((run) => [`muster-${run}-converge-1.log`]),
      state: ["applied.json", "runs", "status.json", "status.json.unreadable-1"],
      settings: ["10-site.yaml", "README"],
    }),
    async *gather(sources) {
      for (const source of sources) {
        yield source.from === "file"
          ? { name: source.name, from: source.file, text: `of ${source.file}: s3cretWord` }
          : { name: source.name, from: source.argv.join(" "), why: `${source.argv[0]} is not installed` };
      }
    },
    secrets: async () => ({
      known: ["s3cretWord"],
      unread: [{ name: "(secrets to be looked for)", from: "/etc/muster/id", why: "there is none" }],
    }),
    async write(file, archive) {
      written.push({ file, archive: Buffer.concat(await Array.fromAsync(archive)) });
      return 4321;
    },
    ...given,
  };
  const status = await bundleCommand(deps).run({ args: [], options }, io);
  const [{ file, archive }] = written as [{ file: string; archive: Uint8Array }];
  const tar = (words: string) => execFileSync("tar", [words, "-"], { input: archive, encoding: "utf8" });
  return { status, out: io.stdout(), file, names: tar("tf").trim().split("\n"), text: tar("xOf") };
}

test("what is in it, in a fixed order, the manifest last", async () => {
  const { status, names } = await bundle();
  expect(status).toBe(0);
  expect(names).toMatchInlineSnapshot(`
    [
      "muster-bundle-i-1-20260101T000300Z/status.json",
      "muster-bundle-i-1-20260101T000300Z/explain.json",
      "muster-bundle-i-1-20260101T000300Z/settings/muster.yaml",
      "muster-bundle-i-1-20260101T000300Z/settings/conf.d/10-site.yaml",
      "muster-bundle-i-1-20260101T000300Z/settings/instance.yaml",
      "muster-bundle-i-1-20260101T000300Z/state/applied.json",
      "muster-bundle-i-1-20260101T000300Z/state/status.json",
      "muster-bundle-i-1-20260101T000300Z/state/status.json.unreadable-1",
      "muster-bundle-i-1-20260101T000300Z/runs/0003-abcd/journal.jsonl",
      "muster-bundle-i-1-20260101T000300Z/runs/0003-abcd/events.jsonl",
      "muster-bundle-i-1-20260101T000300Z/runs/0003-abcd/muster-0003-abcd-converge-1.log",
      "muster-bundle-i-1-20260101T000300Z/runs/0004-abcd/journal.jsonl",
      "muster-bundle-i-1-20260101T000300Z/runs/0004-abcd/events.jsonl",
      "muster-bundle-i-1-20260101T000300Z/runs/0004-abcd/muster-0004-abcd-converge-1.log",
      "muster-bundle-i-1-20260101T000300Z/runs/0005-abcd/journal.jsonl",
      "muster-bundle-i-1-20260101T000300Z/runs/0005-abcd/events.jsonl",
      "muster-bundle-i-1-20260101T000300Z/runs/0005-abcd/muster-0005-abcd-converge-1.log",
      "muster-bundle-i-1-20260101T000300Z/runs/0006-abcd/journal.jsonl",
      "muster-bundle-i-1-20260101T000300Z/runs/0006-abcd/events.jsonl",
      "muster-bundle-i-1-20260101T000300Z/runs/0006-abcd/muster-0006-abcd-converge-1.log",
      "muster-bundle-i-1-20260101T000300Z/runs/0007-abcd/journal.jsonl",
      "muster-bundle-i-1-20260101T000300Z/runs/0007-abcd/events.jsonl",
      "muster-bundle-i-1-20260101T000300Z/runs/0007-abcd/muster-0007-abcd-converge-1.log",
      "muster-bundle-i-1-20260101T000300Z/runs/0002-abcd.unreadable-1/journal.jsonl",
      "muster-bundle-i-1-20260101T000300Z/runs/0002-abcd.unreadable-1/events.jsonl",
      "muster-bundle-i-1-20260101T000300Z/log/muster.log",
      "muster-bundle-i-1-20260101T000300Z/log/muster.log.1",
      "muster-bundle-i-1-20260101T000300Z/machine/os-release",
      "muster-bundle-i-1-20260101T000300Z/machine/uptime",
      "muster-bundle-i-1-20260101T000300Z/machine/loadavg",
      "muster-bundle-i-1-20260101T000300Z/machine/meminfo",
      "muster-bundle-i-1-20260101T000300Z/machine/resolv.conf",
      "muster-bundle-i-1-20260101T000300Z/machine/hosts",
      "muster-bundle-i-1-20260101T000300Z/manifest.json",
    ]
  `);
});

test("what is printed: the file, its size, and to look at it", async () => {
  const { out, file } = await bundle();
  expect(file).toBe("muster-bundle-i-1-20260101T000300Z.tar.gz");
  expect(out).toMatchInlineSnapshot(`
    "muster-bundle-i-1-20260101T000300Z.tar.gz: 33 files, 4.2 KiB; 13 others could not be read
    Secrets are masked where they are known or look like one. Look at it before you
    send it; manifest.json tells what is in it, what was masked and what is missing.
    "
  `);
});

test("secrets of the settings' files are in none of its files", async () => {
  const { text } = await bundle();
  expect(text).toContain("of /etc/muster/muster.yaml: [masked known-secret 1]");
  expect(text).not.toContain("s3cretWord");
  expect(text, "one that could not be looked for").toContain('"from": "/etc/muster/id"');
});

test("--run takes that one alone, --output says where to", async () => {
  const { names, file } = await bundle({ run: "-1", output: "/tmp/x.tgz" });
  expect(file).toBe("/tmp/x.tgz");
  expect(names.filter((name) => name.includes("/runs/"))).toEqual(
    ["journal.jsonl", "events.jsonl", "muster-0006-abcd-converge-1.log"].map(
      (name) => `muster-bundle-i-1-20260101T000300Z/runs/0006-abcd/${name}`,
    ),
  );
});

const failing = async () => {
  throw new MusterError({
    code: "state-read-failed",
    message: "Cannot read /var/lib/muster: permission denied",
    hint: "",
  });
};

test("a machine where nothing can be read has a bundle that says so", async () => {
  const { text, file } = await bundle(
    {},
    {
      status: failing,
      observe: failing,
      find: async () => ({ runs: [], setAside: [], unitLogs: [], state: [], settings: [] }),
      async *gather(sources) {
        for (const { name } of sources) yield { name, from: "x", why: "permission denied" };
      },
    },
  );
  expect(file).toBe("muster-bundle-unknown-20260101T000300Z.tar.gz");
  expect(text).toContain('"why": "Cannot read /var/lib/muster: permission denied"');
});

test("the files of secrets are found in settings of any form", () => {
  expect(
    secretFilesIn(
      "config:\n  ssh: { key: /a/id, knownHosts: /no }\n  https:\n    credentials: '/b/logins'\n    ca: /no\nlocal: {dns: {key: \"/c/tsig.key\"}}\n",
    ),
  ).toEqual(["/a/id", "/b/logins", "/c/tsig.key"]);
});
