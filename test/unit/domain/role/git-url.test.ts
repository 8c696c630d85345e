import { describe, expect, it } from "vitest";
import { carriesPassword, parseGitUrl } from "../../../../src/domain/role/git-url.ts";

describe("parseGitUrl", () => {
  it.each([
    ["https://git.example.com/ops/config.git", "https", "git.example.com", 443],
    ["https://user@git.example.com:8443/x", "https", "git.example.com", 8443],
    ["http://[::1]:8080/x", "http", "::1", 8080],
    ["ssh://git@git.example.com:2222/x", "ssh", "git.example.com", 2222],
    ["git@git.example.com:ops/config.git", "ssh", "git.example.com", 22],
    ["git@git.example.com:/srv/config.git", "ssh", "git.example.com", 22],
    ["file:///srv/config.git", "file", "", 0],
  ])("%s", (text, scheme, host, port) => {
    expect(parseGitUrl(text)).toEqual({ text, scheme, host, port });
  });

  it.each([
    ["ext::sh -c x"],
    ["git://host/x"],
    ["ftp://host/x"],
    ["/srv/x"],
    ["file://host/srv/x"],
    ["-oProxyCommand=x"],
    ["-u@host:x"],
    ["git@-oProxyCommand=x:y"],
    ["git@host:-x"],
    ["git@host::x"],
    ["ssh://-oProxyCommand=x/y"],
    ["ssh://-x@host/y"],
    ["https:host/x"],
    ["https://"],
    ["https://host/a b"],
    ["https://host/\u0000"],
    [""],
  ])("refuses %j", (text) => expect(parseGitUrl(text)).toBeUndefined());
});

describe("carriesPassword", () => {
  it("tells a password from a user and from a path", () => {
    expect(carriesPassword("https://user:secret@host/x")).toBe(true);
    expect(carriesPassword("https://:secret@host/x")).toBe(true);
    expect(carriesPassword("https://user@host:8443/x")).toBe(false);
    expect(carriesPassword("https://host:8443/a:b@c")).toBe(false);
    expect(carriesPassword("git@host:x")).toBe(false);
  });

  it.each([
    ["https://ghp_16C7e42F292c6912E7710c838347Ae178B4a@github.com/ops/config.git"],
    ["https://github_pat_11ABCDEFG0aBcDeFgHiJkL_x@github.com/ops/config.git"],
    ["https://glpat-aBcDeFgHiJkLmNoPqRsT@gitlab.example.com/ops/config.git"],
    ["https://e72e16c7e42f292c6912e7710c838347ae178b4a@git.example.com/x"],
  ])("a token where the user stands is one: %s", (text) => expect(carriesPassword(text)).toBe(true));

  it.each([
    ["https://glados-bot@git.example.com/x"],
    ["https://x-token-auth@bitbucket.org/ops/config.git"],
    ["https://gitlab+deploy-token-123456@gitlab.example.com/ops/config.git"],
    ["https://jenkins-deployer-at-123456789012@git-codecommit.eu-west-1.amazonaws.com/v1/repos/config"],
    ["ssh://APKAEIBAERJR2EXAMPLE@git-codecommit.eu-west-1.amazonaws.com/v1/repos/config"],
    ["https://host/ghp_16C7e42F292c6912E7710c838347Ae178B4a@x"],
  ])("a user's name is none: %s", (text) => expect(carriesPassword(text)).toBe(false));
});
