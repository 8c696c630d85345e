import type { Pages } from "./page.ts";

/** HTTP proxies: reaching them, and what they refuse. */
export const proxyPages = {
  "proxy-unreachable": {
    happened:
      "A request goes through an HTTP proxy, and the proxy gives no connection. The message names the proxy and where it is written. An instance that is in service stays so.",
    causes: [
      "The proxy's name does not resolve, or its port is another one.",
      "The proxy is down, or a security group is in the way.",
      "It says `https://` for a proxy that is spoken to by `http://`; most are, also for requests to https servers.",
    ],
    todo: [
      [
        "Try the proxy from the instance.",
        "getent hosts PROXY_HOST",
        "curl -sv --max-time 10 -x http://PROXY_HOST:PORT https://ec2.REGION.amazonaws.com/ -o /dev/null",
      ],
      [
        "See what the settings say, and what the daemon's environment says.",
        "muster explain --all",
        "systemctl cat muster",
      ],
      "Name the servers that are reached without it in `proxy.noProxy` of the settings.",
    ],
  },
  "proxy-refused": {
    happened:
      "The HTTP proxy answered and refused: 407 is about user and password, every other status about the server behind it. An instance that is in service stays so.",
    causes: [
      "407: the password is wrong, expired, or there is none. A package manager may have a proxy of its own (`Acquire::http::Proxy` of apt, `proxy=` of dnf).",
      "403: the proxy's rules do not allow this server or this port; many allow port 443 alone.",
      "502, 503, 504: the proxy does not reach the server.",
    ],
    todo: [
      ["407: the file that `proxy.credentials` names holds one line USER:PASSWORD.", "sudo ls -l CREDENTIALS_FILE"],
      [
        "Look whether the proxy lets a request through.",
        "curl -sv -x http://PROXY_HOST:PORT https://SERVER/ -o /dev/null",
      ],
      "Allow the server in the proxy's rules, or name it in `proxy.noProxy` where it is reached without the proxy.",
    ],
  },
  "proxy-credentials-invalid": {
    happened:
      "The file that `proxy.credentials` of the settings names cannot be used, so no request was made through the proxy.",
    causes: ["The file is not there, or cannot be read.", "It does not hold exactly one line USER:PASSWORD."],
    todo: [
      [
        "Look at the file. Its user and password are written as they are, without codes such as %40.",
        "sudo ls -l CREDENTIALS_FILE",
      ],
      ["Give it to root alone.", "sudo chmod 600 CREDENTIALS_FILE"],
    ],
  },
} as const satisfies Pages;
