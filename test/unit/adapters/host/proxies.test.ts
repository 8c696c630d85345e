import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createProxies, type Proxied } from "../../../../src/adapters/host/proxies.ts";
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import { parseExemption, parseProxy, proxyText, proxyUrl } from "../../../../src/domain/settings/proxy.ts";

const secret = "hunter2hunter2";
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "muster-proxies-"));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function file(text: string): string {
  const path = join(directory, "credentials");
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

/** The proxy of each scheme to a server of the network. */
function chosen(settings: Parameters<typeof createProxies>[0], env: Parameters<typeof createProxies>[1]) {
  const proxies = createProxies(settings, env);
  const of = (scheme: Proxied) => {
    const proxy = proxies.to(scheme, "git.example.com", 443);
    return proxy === undefined ? undefined : proxyText(proxy);
  };
  return [of("https"), of("http"), of("ssh")];
}

// curl.se/docs/manpage.html, "ENVIRONMENT"; everything.curl.dev/usingcurl/proxies/env
test.each([
  [{}, {}, [undefined, undefined, undefined]],
  [{}, { https_proxy: "http://a:1" }, ["http://a:1 (https_proxy)", undefined, undefined]],
  [{}, { HTTPS_PROXY: "http://a:1" }, ["http://a:1 (HTTPS_PROXY)", undefined, undefined]],
  [{}, { HTTPS_PROXY: "http://a:1", https_proxy: "b:2" }, ["http://b:2 (https_proxy)", undefined, undefined]],
  [{}, { HTTPS_PROXY: "http://a:1", https_proxy: "" }, ["http://a:1 (HTTPS_PROXY)", undefined, undefined]],
  [{}, { HTTP_PROXY: "http://a:1" }, [undefined, undefined, undefined]],
  [{}, { http_proxy: "http://a" }, [undefined, "http://a:1080 (http_proxy)", undefined]],
  [{}, { ALL_PROXY: "https://a" }, Array<string>(3).fill("https://a:443 (ALL_PROXY)")],
  [{}, { all_proxy: "a:1", ALL_PROXY: "b:2" }, Array<string>(3).fill("http://a:1 (all_proxy)")],
  [
    {},
    { all_proxy: "a:1", http_proxy: "b:2" },
    ["http://a:1 (all_proxy)", "http://b:2 (http_proxy)", "http://a:1 (all_proxy)"],
  ],
  // The settings win, each key alone.
  [
    { https: "http://s:3" },
    { https_proxy: "a:1", http_proxy: "b:2" },
    ["http://s:3 (proxy.https)", "http://b:2 (http_proxy)", "http://s:3 (proxy.https)"],
  ],
  [
    { http: "http://s:3" },
    { all_proxy: "a:1" },
    ["http://a:1 (all_proxy)", "http://s:3 (proxy.http)", "http://a:1 (all_proxy)"],
  ],
  [{ noProxy: ["*"] }, { all_proxy: "a:1" }, [undefined, undefined, undefined]],
  [{ noProxy: ["other.com"] }, { all_proxy: "a:1", no_proxy: "*" }, Array<string>(3).fill("http://a:1 (all_proxy)")],
])("with settings %j and environment %j the proxies are %j", (settings, env, expected) => {
  expect(chosen(settings, env)).toEqual(expected);
});

// curl.se/docs/manpage.html, "--noproxy"; networks since 7.86
test.each([
  ["example.com", "example.com", true],
  ["example.com", "www.example.com", true],
  ["example.com", "WWW.Example.COM.", true],
  ["example.com", "notexample.com", false],
  [".example.com", "example.com", true],
  [".example.com", "a.b.example.com", true],
  ["*.example.com", "www.example.com", true],
  ["example.com.", "www.example.com", true],
  ["com", "example.com", true],
  ["*", "anything.at.all", true],
  ["a.com, example.com", "www.example.com", true],
  ["a.com example.com", "www.example.com", true],
  [",, ,example.com,", "example.com", true],
  ["10.0.0.5", "10.0.0.5", true],
  ["10.0.0.5", "10.0.0.50", false],
  ["10.0.0.0/8", "10.1.2.3", true],
  ["10.0.0.0/8", "11.1.2.3", false],
  ["192.168.1.0/25", "192.168.1.127", true],
  ["192.168.1.0/25", "192.168.1.128", false],
  ["0.0.0.0/0", "1.2.3.4", true],
  ["0.0.0.0/0", "example.com", false],
  ["2001:db8::/32", "2001:db8:1::1", true],
  ["2001:db8::1", "[2001:db8::1]", true],
  ["[2001:db8::1]", "2001:0db8:0::1", true],
  ["2001:db8::/32", "2001:db9::1", false],
  ["example.com:8443", "example.com", false],
  ["example.com:443", "example.com", true],
  ["10.0.0.0/8:443", "10.0.0.1", true],
  ["[2001:db8::1]:443", "2001:db8::1", true],
  // Garbage exempts nothing, and costs no other entry.
  ["10.0.0.0/33,1.2.3,[::1,http://example.com,a..b,:,/,*:x,example.com:99999", "example.com", false],
  ["10.0.0.0/33,[::1,%,example.com", "example.com", true],
  // Never through a proxy, whatever is said.
  ["", "localhost", true],
  ["", "127.0.0.1", true],
  ["", "127.9.9.9", true],
  ["", "::1", true],
  ["", "169.254.169.254", true],
  ["", "169.254.170.2", true],
  ["", "fd00:ec2::254", true],
  ["", "[fd00:ec2:0::254]", true],
  ["", "fd00:ec2::253", false],
  ["", "ec2.eu-west-1.amazonaws.com", false],
])("with NO_PROXY=%j %s is reached directly: %j", (list, host, expected) => {
  const proxies = createProxies({}, { ALL_PROXY: "http://proxy:3128", NO_PROXY: list });
  expect(proxies.to("https", host, 443) === undefined).toBe(expected);
});

test.each([
  "socks5://user:hunter2hunter2@proxy:1080",
  "ftp://user:hunter2hunter2@proxy:21",
  "http://user:hunter2hunter2@proxy:0",
  "http://user:hunter2hunter2@proxy:65536",
  "http://user:hunter2hunter2@proxy:port",
  "http://user:hunter2hunter2@",
  "http://user:hunter2hunter2@[::1",
  "http://user:hunter2hunter2@[fe80::zz]:1",
  "http://user:hunter2hunter2@pro xy:1",
  "http://user:hunter2hunter2@proxy:1/path",
  "http://user:hunter2hunter2%zz@proxy:1",
  "http:user:hunter2hunter2@proxy:1:2",
  "://user:hunter2hunter2@proxy:1",
  "http://user:hunter2hunter2@proxy:1\n",
])("a variable that names no proxy is refused once, without its value: %j", (value) => {
  for (const name of ["https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY"]) {
    const refusal = catching(() => createProxies({}, { [name]: value }));
    expect(refusal).toMatchObject({ code: "environment-malformed" });
    expect(refusal?.message).toContain(`The variable ${name} names no HTTP proxy`);
    expect(JSON.stringify([refusal?.message, refusal?.hint])).not.toContain(secret);
  }
});

function catching(work: () => unknown): MusterError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof MusterError ? error : expect.unreachable(String(error));
  }
}

test("SOCKS is named as another kind of proxy", () => {
  expect(catching(() => createProxies({}, { ALL_PROXY: "socks5h://p:1" }))?.message).toContain(
    "(socks5h is another kind)",
  );
});

test.each([
  ["http://u:p%40ss%3a@proxy:3128", "http://u:p%40ss%3A@proxy:3128"],
  ["http://u:p@ss:w@proxy:3128", "http://u:p%40ss%3Aw@proxy:3128"],
  ["u@proxy:1", "http://u@proxy:1"],
  ["http://@proxy:1/", "http://proxy:1"],
  ["https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"],
  ["HTTP://Proxy.Example:80", "http://proxy.example:80"],
])("the proxy %s is %s to libraries and programs, and without user and password to people", (text, url) => {
  const proxy = parseProxy(text, "HTTPS_PROXY") ?? expect.unreachable();
  expect(proxyUrl(proxy)).toBe(url);
  expect(proxyText(proxy)).toBe(`${url.replace(/\/\/.*@/, "//")} (HTTPS_PROXY)`);
});

test("any user and password come out of the URL as they went in, in characters that no shell and no systemd reads", () => {
  const part = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text));
  fc.assert(
    fc.property(part, part, (user, password) => {
      const credentials = `${user.replaceAll(":", "")}x:${password}`;
      const url = proxyUrl({ scheme: "http", host: "proxy", port: 1, from: "", credentials });
      expect(url).toMatch(/^[A-Za-z0-9:/@%._-]+$/);
      expect(parseProxy(url, "")?.credentials).toBe(credentials);
    }),
  );
});

test("no text is a proxy or an entry of the list by accident, and none throws", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const proxy = parseProxy(text, "");
      if (proxy !== undefined) expect(proxyUrl(proxy)).toBe(proxyUrl(parseProxy(proxyUrl(proxy), "") ?? proxy));
      parseExemption(text);
      createProxies({ https: "http://p:1" }, { NO_PROXY: text }).to("https", "example.com", 443);
    }),
  );
});

test("user and password of the file belong to the proxies of the settings, and to no other", () => {
  const credentials = file("us%er:p@ss:word\n");
  const env = { http_proxy: "http://env:1" };
  const proxies = createProxies({ https: "http://s:3", credentials }, env);
  expect(proxies.to("https", "a.com", 443)?.credentials).toBe("us%er:p@ss:word");
  expect(proxies.to("http", "a.com", 80)?.credentials).toBeUndefined();
  expect(proxies.environment()).toEqual({
    ...{ https_proxy: "http://us%25er:p%40ss%3Aword@s:3", HTTPS_PROXY: "http://us%25er:p%40ss%3Aword@s:3" },
    ...{ http_proxy: "http://env:1", HTTP_PROXY: "http://env:1" },
    ...bothCases("localhost,127.0.0.1,::1,169.254.169.254,fd00:ec2::254"),
  });
  // A new password counts at once.
  file("user:new");
  expect(proxies.to("https", "a.com", 443)?.credentials).toBe("user:new");
});

function bothCases(list: string) {
  return { no_proxy: list, NO_PROXY: list };
}

test.each([
  ["", "holds no single line USER:PASSWORD"],
  [`${secret}\n`, "holds no single line USER:PASSWORD"],
  [`a:${secret}\nb:${secret}\n`, "holds no single line USER:PASSWORD"],
  [`a:${secret}\u0000`, "holds no single line USER:PASSWORD"],
  [undefined, "cannot be read (ENOENT)"],
])("a file of credentials that holds %j is refused when it is needed, without its content", (text, why) => {
  const credentials = text === undefined ? join(directory, "missing") : file(text);
  const proxies = createProxies({ https: "http://s:3", credentials }, {});
  expect(proxies.to("https", "localhost", 443)).toBeUndefined();
  const refusal = catching(() => proxies.to("https", "a.com", 443));
  expect(refusal).toMatchObject({ code: "proxy-credentials-invalid", transient: true });
  expect(refusal?.message).toContain(why);
  expect(JSON.stringify([refusal?.message, refusal?.hint])).not.toContain(secret);
});

test("a file of credentials that others may write is refused", () => {
  const credentials = file("a:b");
  chmodSync(credentials, 0o666);
  expect(() => createProxies({ https: "http://s:3", credentials }, {}).to("https", "a.com", 443)).toThrow(
    expect.objectContaining({ code: "settings-writable-by-others" }),
  );
});

test("programs hear of no proxy where all servers are exempt, and of the list without its garbage", () => {
  expect(createProxies({ https: "http://s:3", noProxy: ["*"] }, {}).environment()).toEqual({});
  expect(createProxies({}, { NO_PROXY: "a.com" }).environment()).toEqual({});
  const list = createProxies(
    {},
    { https_proxy: "s:3", NO_PROXY: "a.com,x\ty,.b.com;c,10.0.0.0/8,$(id)" },
  ).environment();
  expect(list["no_proxy"]).toBe("localhost,127.0.0.1,::1,169.254.169.254,fd00:ec2::254,a.com,x,y,10.0.0.0/8");
});
