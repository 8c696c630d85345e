import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { createInstanceReader } from "../../src/adapters/local/instance-source.ts";
import { createLocalNotices } from "../../src/adapters/local/notices.ts";
import { parseInstanceFile } from "../../src/settings/instance-file.ts";
import { noticesSuite } from "./notices.suite.ts";

let directory = "";
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), "muster-notices-"))));
afterAll(() => rmSync(directory, { recursive: true }));

const instance = "id: i-1\nzone: local-a\n";

noticesSuite("local", () => {
  const file = join(directory, "instance.yaml");
  const warnings: string[] = [];
  writeFileSync(file, instance);
  return {
    notices: createLocalNotices({
      readInstance: createInstanceReader({ file, parse: parseInstanceFile }),
      onWarning: (code, text) => void warnings.push(`${code}: ${text}`),
    }),
    say(said) {
      const maintenance = said.flatMap((notice) => {
        const { kind, ...event } = notice;
        return kind === "maintenance" ? [event] : [];
      });
      const others = said.flatMap((notice) => {
        const { kind, ...rest } = notice;
        return kind === "maintenance" ? [] : [[kind, rest] as const];
      });
      const notices = { ...Object.fromEntries(others), maintenance };
      writeFileSync(file, `${instance}notices: ${JSON.stringify(notices)}\n`);
    },
    garble: () => writeFileSync(file, `${instance}notices: { spot: { at: soon } }\n`),
    warnings,
  };
});
