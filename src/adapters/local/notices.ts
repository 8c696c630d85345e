import type { CloudNotice } from "../../domain/cloud-notice.ts";
import type { NoticeCode } from "../../domain/error-codes.ts";
import { reportOf } from "../../domain/errors.ts";
import type { InstanceFile } from "../../domain/instance.ts";
import type { Notices } from "../../ports/notices.ts";
import { readTextFile } from "../host/settings-files.ts";

/**
 * Notices that stand in the instance file. It is read at each look, which is often, and understood anew only where
 * it has changed.
 * @param deps.parse text and file name to what they say
 */
export function createLocalNotices(deps: {
  readonly file: string;
  readonly parse: (text: string, file: string) => InstanceFile;
  readonly onWarning: (code: NoticeCode, text: string) => void;
}): Notices {
  let last: { readonly text: string; readonly notices: readonly CloudNotice[] } | undefined;

  function read(text: string): readonly CloudNotice[] {
    try {
      return deps.parse(text, deps.file).notices ?? [];
    } catch (error) {
      deps.onWarning("cloud-notice-unreadable", `Notices cannot be read: ${reportOf(error).message}`);
      // Garbage takes nothing back: somebody may be writing just now.
      return last?.notices ?? [];
    }
  }

  return {
    async pending(signal) {
      signal.throwIfAborted();
      const text = (await readTextFile(deps.file))?.text ?? "";
      if (text === "") return [];
      if (last?.text !== text) last = { text, notices: read(text) };
      return last.notices;
    },
  };
}
