import type { CloudNotice } from "../../src/domain/membership/cloud-notice.ts";
import type { MusterError } from "../../src/domain/errors/errors.ts";
import type { CloudNotices } from "../../src/ports/cloud-notices.ts";

/** Notices as a test says. */
export type FakeNotices = CloudNotices & {
  notices: readonly CloudNotice[];
  looks: number;
  /** Thrown by every call while it is set. */
  trouble: MusterError | undefined;
};

export function createFakeNotices(): FakeNotices {
  const fake: FakeNotices = {
    notices: [],
    looks: 0,
    trouble: undefined,
    everyMs: () => 5_000,
    async pending(signal) {
      signal.throwIfAborted();
      fake.looks += 1;
      if (fake.trouble !== undefined) throw fake.trouble;
      return fake.notices;
    },
  };
  return fake;
}
