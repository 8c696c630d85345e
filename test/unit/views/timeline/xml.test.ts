import { expect, test } from "vitest";
import { escaped } from "../../../../src/views/timeline/xml.ts";

test("nothing ends an element or turns the direction of writing", () => {
  expect(escaped("<a href='b'>&\"")).toBe("&lt;a href=&#39;b&#39;&gt;&amp;&quot;");
  expect(escaped("a\u061cb\u200ec\u200fd\u202ee\u2067f\u001bg\u009bh")).toBe("a b c d e f g h");
  expect(escaped("Zürich → 東京 🚀")).toBe("Zürich → 東京 🚀");
});
