import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSplitter, followLog } from "../../../../src/adapters/systemd/log-follower.ts";

describe("the splitter", () => {
  it("gives the same lines however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30 })), (pieces) => {
        const cut: string[] = [];
        const splitter = createSplitter((line) => cut.push(line), false);
        for (const piece of pieces) splitter.push(piece);
        splitter.end();
        const whole: string[] = [];
        const other = createSplitter((line) => whole.push(line), false);
        other.push(Buffer.concat(pieces));
        other.end();
        expect(cut).toEqual(whole);
      }),
    );
  });
});

describe("following a log", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "muster-log-"));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it("makes the file and its directory, and passes on complete lines only", async () => {
    const file = join(directory, "new/unit.log");
    const lines: string[] = [];
    const log = await followLog(file, (line) => lines.push(line));
    await appendFile(file, "one\nhalf");
    await log.read();
    expect(lines).toEqual(["one"]);
    await appendFile(file, " whole\nlast");
    await log.end();
    expect(lines).toEqual(["one", "half whole", "last"]);
    await log.close();
  });

  it("begins after what is there, also when that ends in the middle of a line", async () => {
    const file = join(directory, "unit.log");
    await writeFile(file, "old\nhalf of an o");
    const lines: string[] = [];
    const log = await followLog(file, (line) => lines.push(line));
    await appendFile(file, "ld line\nnew\n");
    await log.read();
    expect(lines).toEqual(["new"]);
    await log.close();
  });
});
