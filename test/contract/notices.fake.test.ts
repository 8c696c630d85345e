import { createFakeNotices } from "../fakes/notices.ts";
import { noticesSuite } from "./notices.suite.ts";

noticesSuite("fake", () => {
  const notices = createFakeNotices();
  return { notices, say: (said) => void (notices.notices = said), warnings: [] };
});
