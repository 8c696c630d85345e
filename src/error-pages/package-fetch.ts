import type { Pages } from "./page.ts";

const goesOn = "Without `patch.onFailure: hold` the run goes on with the index on the disk.";
const withApt = [
  "With apt: try it by hand (lines with `Err:` name the source), and see where it is to come from.",
  "apt-get update",
  "grep -rv '^#' /etc/apt/sources.list /etc/apt/sources.list.d",
] as const;
const withDnf = ["With dnf: the same.", "dnf --refresh makecache", "dnf repolist --verbose"] as const;

/** Why an index or a package could not be downloaded. */
export const packageFetchPages = {
  "package-fetch-failed": {
    happened: `A package or an index could not be downloaded, for a reason that the message quotes. ${goesOn}`,
    again: "run",
    causes: [
      "The mirror answers with an error (403, 503).",
      "A proxy answers in its place.",
      "The connection broke off.",
    ],
    todo: [withApt, withDnf],
  },
  "package-name-unresolved": {
    happened: `The name of a package source's host does not resolve. ${goesOn}`,
    again: "run",
    causes: ["The resolver of this machine does not answer.", "The host is misspelt, or is gone."],
    todo: [["Resolve it on the instance.", "getent hosts MIRROR_HOST", "cat /etc/resolv.conf"], withApt, withDnf],
  },
  "package-connection-refused": {
    happened: `A package source refuses connections. ${goesOn}`,
    again: "run",
    causes: ["The mirror is down.", "Its port is wrong.", "A firewall rejects the traffic."],
    todo: [["Try it.", "curl -sv --max-time 10 http://MIRROR_HOST/ -o /dev/null"], withApt, withDnf],
  },
  "package-no-route": {
    happened: `This machine has no route to a package source. ${goesOn}`,
    again: "run",
    causes: [
      "The subnet has no NAT gateway.",
      "The instance has IPv6 addresses only, and the mirror has IPv4 addresses only.",
      "The network of the machine is not up.",
    ],
    todo: [["Look at the routes.", "ip route", "ip -6 route", "getent ahosts MIRROR_HOST"]],
  },
  "package-timeout": {
    happened: `A package source gave no answer in time, or took the connection and said nothing. ${goesOn}`,
    again: "run",
    causes: [
      "A firewall or security group drops the packets.",
      "The subnet has no route to the internet.",
      "The mirror is overloaded.",
    ],
    todo: [["Try it.", "curl -sv --max-time 10 http://MIRROR_HOST/ -o /dev/null"], withApt, withDnf],
  },
  "package-certificate-refused": {
    happened: `The certificate of a package source is not trusted, has expired, is not valid yet or is made out for another name. Nothing was taken from it. ${goesOn}`,
    again: "held",
    causes: [
      "The clock is wrong.",
      "A proxy opens TLS connections and shows certificates of its own.",
      "The mirror has a private authority that this machine does not know.",
    ],
    todo: [
      ["Look at the clock.", "timedatectl"],
      [
        "See who issued the certificate.",
        "openssl s_client -connect MIRROR_HOST:443 -servername MIRROR_HOST </dev/null",
      ],
      "Let the traffic pass unopened, or install the authority's certificate, in the image too.",
    ],
  },
  "package-file-missing": {
    happened: `A package source answered that it has no such file (404). During an upgrade the index was read anew once. ${goesOn}`,
    again: "run",
    causes: [
      "The release is no longer on that mirror: old releases move to an archive.",
      "The address, the suite or the architecture is wrong.",
      "The mirror was changing while it was read.",
    ],
    todo: [withApt, withDnf, "Name the archive of the release, or take an image of a newer one."],
  },
  "package-file-wrong": {
    happened: `A file of a package source has another size or checksum than its index says, so it was not used. ${goesOn}`,
    again: "run",
    causes: ["The mirror was changing while it was read.", "A cache or proxy in between holds an old file."],
    todo: [
      ["With apt: remove the index that does not fit, and read it anew.", "rm -r /var/lib/apt/lists", "apt-get update"],
      ["With dnf: the same.", "dnf clean metadata", "dnf --refresh makecache"],
      "If it lasts, clear the cache in between or use another mirror.",
    ],
  },
} as const satisfies Pages;
