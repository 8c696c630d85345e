// What every prober keeps to, whatever it looks at.
import { describe, expect, test } from "vitest";
import type { CheckTarget } from "../../src/domain/health/check.ts";
import type { Prober } from "../../src/ports/prober.ts";

export type ProberCase = {
  readonly prober: Prober;
  readonly passing: CheckTarget;
  readonly failing: CheckTarget;
  /** Never answers by itself. */
  readonly hanging: CheckTarget;
};

export function proberSuite(name: string, prepare: () => Promise<ProberCase> | ProberCase): void {
  describe(`prober contract: ${name}`, () => {
    const idle = new AbortController().signal;

    test("a passing attempt says what it saw", async () => {
      const { prober, passing } = await prepare();
      const result = await prober.probe(passing, 5_000, idle);
      expect(result).toEqual({ ok: true, seen: expect.stringMatching(/./) as unknown });
    });

    test("a failing attempt is a result that says what was expected and what was seen", async () => {
      const { prober, failing } = await prepare();
      const result = await prober.probe(failing, 5_000, idle);
      expect(result).toEqual({
        ok: false,
        expected: expect.stringMatching(/./) as unknown,
        seen: expect.stringMatching(/./) as unknown,
      });
    });

    test("an attempt that hangs ends with its time-out, as a failure", async () => {
      const { prober, hanging } = await prepare();
      const begun = performance.now();
      const result = await prober.probe(hanging, 300, idle);
      expect(result).toMatchObject({ ok: false, seen: expect.stringMatching(/no answer/) as unknown });
      expect(performance.now() - begun).toBeGreaterThanOrEqual(290);
      expect(performance.now() - begun).toBeLessThan(3_000);
    });

    test("an abort in the middle rejects at once with its reason", async () => {
      const { prober, hanging } = await prepare();
      const abort = new AbortController();
      const begun = performance.now();
      const attempt = prober.probe(hanging, 60_000, abort.signal);
      setTimeout(() => abort.abort(new Error("no more")), 50);
      await expect(attempt).rejects.toThrow("no more");
      expect(performance.now() - begun).toBeLessThan(3_000);
    });

    test("a signal that is aborted already starts nothing", async () => {
      const { prober, passing } = await prepare();
      await expect(prober.probe(passing, 5_000, AbortSignal.abort(new Error("too late")))).rejects.toThrow("too late");
    });
  });
}
