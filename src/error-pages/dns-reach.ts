import type { Pages } from "./page.ts";

const stays = "An instance that was in service before it booted stays so.";
const ask = ["Ask it as muster does.", "dig +tcp +norecurse @DNS_SERVER ZONE SOA"] as const;
const onServer = ["On the server, look at its log.", "journalctl -u named"] as const;

/** Why the DNS server on `local` gives no answer. */
export const dnsReachPages = {
  "dns-name-unresolved": {
    happened: `The name of the DNS server does not resolve. ${stays}`,
    again: "membership",
    causes: ["`local.dns.server` is misspelt.", "The resolver of this machine does not answer."],
    todo: [
      ["Resolve it on the instance.", "getent hosts DNS_SERVER", "cat /etc/resolv.conf"],
      "Or write its address in `local.dns.server`.",
    ],
  },
  "dns-connection-refused": {
    happened: `The DNS server refuses the connection. ${stays}`,
    again: "membership",
    causes: [
      "The server is down.",
      "It listens on UDP alone, or on another address: muster asks over TCP.",
      "`local.dns.server` or `port` is wrong.",
    ],
    todo: [ask, ["On the server:", "systemctl status named", "ss -ltnp | grep named"]],
  },
  "dns-no-route": {
    happened: `This machine has no route to the DNS server. ${stays}`,
    again: "membership",
    causes: ["`local.dns.server` has a wrong address.", "The network of the machine is not up."],
    todo: [["Look at the routes.", "ip route get DNS_SERVER", "ip -brief address"]],
  },
  "dns-timeout": {
    happened: `The DNS server did not answer in time. ${stays}`,
    again: "membership",
    causes: [
      "A firewall drops the packets, or lets UDP through and not TCP: muster asks over TCP.",
      "The server is overloaded, or another program listens there.",
    ],
    todo: [ask, onServer],
  },
  "dns-unreachable": {
    happened: `The DNS server broke off the connection, or answered that it is in trouble itself (SERVFAIL). ${stays}`,
    again: "membership",
    causes: ["The server could not load the zone, or cannot write it.", "It ended or was restarted in that moment."],
    todo: [ask, onServer],
  },
} as const satisfies Pages;
