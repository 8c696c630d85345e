import { expect, test } from "vitest";
import { parseSettings } from "../../../src/settings/settings.ts";
import { complaints } from "./complaints.ts";

function parse(text: string) {
  return parseSettings([{ file: "/etc/muster/muster.yaml", text }]);
}

test("proxies are read as they are written", () => {
  const proxy = { https: "http://proxy:3128", http: "https://[::1]:80/", noProxy: [".internal", "10.0.0.0/8", "*"] };
  const text = `cloud: local\nconfig: { url: file:///a }\nproxy: ${JSON.stringify({ ...proxy, credentials: "/etc/p" })}\n`;
  expect(parse(text).settings.proxy).toEqual({ ...proxy, credentials: "/etc/p" });
  expect(parse("cloud: local\nconfig: { url: file:///a }\n").settings.proxy).toEqual({});
});

test.each([
  ["https", "proxy:3128"],
  ["https", "http://proxy"],
  ["http", "socks5://proxy:1080"],
  ["http", "http://proxy:3128/path"],
  ["https", "http://[::zz]:3128"],
  ["https", "http://user:hunter2@proxy:3128"],
  ["https", "user:hunter2@proxy:3128"],
  ["http", "http://hunter2@proxy:3128"],
  ["http", "hunter2@proxy"],
  ["credentials", "user:hunter2"],
  ["noProxy", ["10.0.0.0/33"]],
  ["noProxy", ["http://user:hunter2@example.com"]],
  ["noProxy", ["a b"]],
  ["noProxy", ["a:b"]],
  ["noProxy", "example.com"],
])("proxy.%s: %j is one problem, and no password is repeated", (key, value) => {
  const found = complaints(() =>
    parse(`cloud: local\nconfig: { url: file:///a }\nproxy: { ${key}: ${JSON.stringify(value)} }\n`),
  );
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(`proxy.${key}`);
  expect(found[0]).not.toContain("hunter2");
});
