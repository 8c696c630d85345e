import type { Pages } from "./page.ts";

const stays = "An instance that was in service before it booted stays so.";
const onBalancer = ["On the balancer:", "systemctl status haproxy", "ss -ltnp | grep haproxy"] as const;
const ask = "echo 'show info' | socat - TCP:HAPROXY_HOST:PORT";
const askPath = "echo 'show info' | socat - UNIX-CONNECT:/PATH/TO/SOCKET";

/** Why HAProxy's runtime API gives no answer. */
export const balancerReachPages = {
  "balancer-name-unresolved": {
    happened: `The name of HAProxy's host does not resolve. ${stays}`,
    again: "membership",
    causes: ["`local.haproxy.socket` has a misspelt host.", "The resolver of this machine does not answer."],
    todo: [["Resolve it on the instance.", "getent hosts HAPROXY_HOST", "cat /etc/resolv.conf"]],
  },
  "balancer-connection-refused": {
    happened: `HAProxy's runtime API refuses the connection. ${stays}`,
    again: "membership",
    causes: [
      "HAProxy is down or restarting.",
      "Its `stats socket` listens on another port or address, or on a Unix socket only.",
      "A firewall rejects the traffic.",
    ],
    todo: [onBalancer, "Write `stats socket ipv4@ADDRESS:PORT level admin` in its configuration and reload it."],
  },
  "balancer-no-route": {
    happened: `This machine has no route to HAProxy's host. ${stays}`,
    again: "membership",
    causes: ["`local.haproxy.socket` has a wrong address.", "The network of the machine is not up."],
    todo: [["Look at the routes.", "ip route get HAPROXY_HOST", "ip -brief address"]],
  },
  "balancer-timeout": {
    happened: `HAProxy's runtime API did not answer within 5 seconds. ${stays}`,
    again: "membership",
    causes: [
      "A firewall drops the packets.",
      "HAProxy's process is stopped or overloaded, or another program listens there.",
    ],
    todo: [["Ask it from the instance (socat, package socat).", ask, askPath], onBalancer],
  },
  "balancer-socket-missing": {
    happened: `The Unix socket that \`local.haproxy.socket\` names does not exist. ${stays}`,
    again: "membership",
    causes: ["HAProxy is down.", "Its `stats socket` has another path."],
    todo: [["See where it listens.", "systemctl status haproxy", "grep -n 'stats socket' /etc/haproxy/haproxy.cfg"]],
  },
  "balancer-socket-denied": {
    happened: `The Unix socket that \`local.haproxy.socket\` names lets this process in no further. ${stays}`,
    again: "membership",
    causes: ["A directory above it is closed to root's services, or a security module (SELinux, AppArmor) forbids it."],
    todo: [["See the modes on the way.", "namei -l /PATH/TO/SOCKET", "journalctl -b --grep 'denied'"]],
  },
  "balancer-unreachable": {
    happened: `HAProxy's runtime API broke off the connection, or answered what is no answer. ${stays}`,
    again: "membership",
    causes: [
      "HAProxy was reloaded or ended in that moment.",
      "Another program listens on the address in `local.haproxy.socket`.",
    ],
    todo: [
      ["Ask it from the instance (socat, package socat).", ask, askPath],
      ["On the balancer:", "journalctl -u haproxy"],
    ],
  },
} as const satisfies Pages;
