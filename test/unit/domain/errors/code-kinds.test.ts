import { expect, test } from "vitest";
import { errorAreas } from "../../../../src/error-pages/pages.ts";
import { isMetadataFailure, isUsage } from "../../../../src/domain/errors/code-kinds.ts";
import type { ErrorCode } from "../../../../src/domain/errors/error-codes.ts";

// A new code of these families is added to its kind: the exit status 2 hangs on it.
const codes = errorAreas.flatMap(({ pages }) => Object.keys(pages)) as ErrorCode[];

test("every error of the command line, the settings and the instance file has the exit status of usage", () => {
  const notices: readonly string[] = ["settings-reloaded", "settings-not-in-force"]; // No errors.
  const expected = codes.filter(
    (code) => /^(usage|settings|instance-file|environment)-/.test(code) && !notices.includes(code),
  );
  expect(codes.filter(isUsage).toSorted()).toEqual(expected.toSorted());
});

test("every trouble with the metadata service is known as such", () => {
  expect(codes.filter(isMetadataFailure).toSorted()).toEqual(
    codes.filter((code) => code.startsWith("imds-")).toSorted(),
  );
});
