import { describe, expect, test } from "vitest";
import type { TagWriter } from "../../src/ports/tag-writer.ts";

/** The contract of src/ports/tag-writer.ts. */
export function tagWriterSuite(name: string, create: () => Promise<TagWriter>): void {
  const signal = new AbortController().signal;

  describe(`tag writer: ${name}`, () => {
    test("has no tags at first", async () => {
      expect(await (await create()).read(signal)).toEqual({});
    });

    test("keeps what a write does not name, and takes the same again", async () => {
      const tags = await create();
      await tags.write({ "muster:state": "held", "muster:commit": "c1" }, signal);
      await tags.write({ "muster:state": "in-service" }, signal);
      await tags.write({ "muster:state": "in-service" }, signal);
      expect(await tags.read(signal)).toEqual({ "muster:state": "in-service", "muster:commit": "c1" });
    });

    test("a write of nothing changes nothing", async () => {
      const tags = await create();
      await tags.write({ "muster:state": "held" }, signal);
      await tags.write({}, signal);
      expect(await tags.read(signal)).toEqual({ "muster:state": "held" });
    });

    test("takes any text as a value", async () => {
      const tags = await create();
      const hostile = `"}\n\u0000 ünlike __proto__`;
      await tags.write({ "muster:reason": hostile, ["__proto__"]: "x" }, signal);
      expect((await tags.read(signal))["muster:reason"]).toBe(hostile);
    });

    test("an abort ends every call with its reason, and writes nothing", async () => {
      const tags = await create();
      const aborted = AbortSignal.abort(new Error("enough"));
      await expect(tags.write({ a: "b" }, aborted)).rejects.toThrow("enough");
      await expect(tags.read(aborted)).rejects.toThrow("enough");
      expect(await tags.read(signal)).toEqual({});
    });
  });
}
