import { isProxyOfSettings, parseExemption } from "../domain/settings/proxy.ts";
import { absolutePath, list, map, text } from "./leaves.ts";

const proxyUrl = text(
  "http://HOST:PORT or https://HOST:PORT, without user and password (they belong into the file that proxy.credentials names)",
  "URL",
  isProxyOfSettings,
);

/** `proxy` of the settings. */
export const proxy = map({
  https: proxyUrl
    .exactOptional()
    .describe("The HTTP proxy for requests to https servers, and for git over ssh; as `http://proxy:3128`."),
  http: proxyUrl.exactOptional().describe("The HTTP proxy for requests to http servers."),
  noProxy: list(
    text(
      "a name, an address or a network such as 10.0.0.0/8, each with or without a port, or *",
      "name, address or network",
      (value) => parseExemption(value) !== undefined,
    ),
    "a list of names, addresses and networks",
  )
    .exactOptional()
    .describe(
      "Where none is used: a name stands for itself and all names below it, `*` for everything. This machine and the metadata never are.",
    ),
  credentials: absolutePath
    .exactOptional()
    .describe("A file with one line `USER:PASSWORD` for both proxies, readable by root alone."),
})
  .prefault({})
  .describe(
    "HTTP proxies; what is not said here counts as the environment says it. See [environment](environment.md#proxies).",
  );
