import { NodeHttpHandler } from "@smithy/node-http-handler";
import { proxyUrl, type Proxy } from "../../domain/settings/proxy.ts";
import type { Proxies } from "../host/proxies.ts";
import { refusedByProxy, throughProxy } from "./proxy-failure.ts";

/** What connections are made with. */
export type Connections = {
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
  readonly throwOnRequestTimeout: boolean;
  readonly httpsAgent?: { readonly ca: string };
};

type Handler = Pick<
  NodeHttpHandler,
  "metadata" | "handle" | "destroy" | "updateHttpClientConfig" | "httpHandlerConfigs"
>;

/** As the SDK takes it. */
export type ProxiedHandler = Handler;

/**
 * Sends each request directly or through a proxy, by its server. The runtime's agents do the rest: `proxyEnv`
 * (nodejs.org/api/http.html, "Built-in Proxy Support"), which Bun has as well; what its NO_PROXY knows is less than what
 * curl's does, so that is decided here.
 */
export function createProxiedHandler(connections: Connections, proxies: Proxies): ProxiedHandler {
  const direct = new NodeHttpHandler(connections);
  const handlers = new Map<string, NodeHttpHandler>();

  function handlerFor(proxy: Proxy): NodeHttpHandler {
    const url = proxyUrl(proxy);
    const handler = handlers.get(url) ?? new NodeHttpHandler(through(url, connections));
    handlers.set(url, handler);
    return handler;
  }

  return {
    metadata: direct.metadata,
    async handle(request, options) {
      const scheme = request.protocol === "http:" ? "http" : "https";
      const proxy = proxies.to(scheme, request.hostname, request.port ?? (scheme === "http" ? 80 : 443));
      if (proxy === undefined) return direct.handle(request, options);
      try {
        const answer = await handlerFor(proxy).handle(request, options);
        // To a request over http the proxy answers in the server's place.
        if (answer.response.statusCode === 407) throw refusedByProxy(proxy, 407);
        return answer;
      } catch (error) {
        throw throughProxy(proxy, error);
      }
    },
    destroy() {
      for (const handler of [direct, ...handlers.values()]) handler.destroy();
    },
    updateHttpClientConfig: (key, value) => direct.updateHttpClientConfig(key, value),
    httpHandlerConfigs: () => direct.httpHandlerConfigs(),
  };
}

function through(url: string, connections: Connections) {
  const proxyEnv = { HTTPS_PROXY: url, HTTP_PROXY: url };
  return { ...connections, httpAgent: { proxyEnv }, httpsAgent: { ...connections.httpsAgent, proxyEnv } };
}
