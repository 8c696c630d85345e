import type { LogNoticeCode } from "../domain/errors/error-codes.ts";
import { awsPages } from "./aws.ts";
import { balancerPages } from "./balancer.ts";
import { balancerReachPages } from "./balancer-reach.ts";
import { configContentPages } from "./config-content.ts";
import { configPages } from "./config.ts";
import { configTrustPages } from "./config-trust.ts";
import { convergePages } from "./converge.ts";
import { daemonPages } from "./daemon.ts";
import { dnsPages } from "./dns.ts";
import { dnsReachPages } from "./dns-reach.ts";
import { filePages } from "./files.ts";
import { hostPages } from "./host.ts";
import { membershipPages } from "./membership.ts";
import { metadataPages } from "./metadata.ts";
import { packageFetchPages } from "./package-fetch.ts";
import { packagePages } from "./packages.ts";
import type { ErrorArea, ErrorPage } from "./page.ts";
import { patchingPages } from "./patching.ts";
import { proxyPages } from "./proxy.ts";
import { runPages } from "./runs.ts";
import { scalingGroupPages } from "./scaling-group.ts";
import { slotPages } from "./slots.ts";
import { usagePages } from "./usage.ts";

/** Every code has its page: the compiler refuses a missing page here, and a superfluous one in its file. */
const pages: Readonly<Record<LogNoticeCode, ErrorPage>> = {
  ...usagePages,
  ...filePages,
  ...configPages,
  ...configTrustPages,
  ...configContentPages,
  ...packagePages,
  ...packageFetchPages,
  ...patchingPages,
  ...convergePages,
  ...membershipPages,
  ...slotPages,
  ...balancerPages,
  ...balancerReachPages,
  ...dnsPages,
  ...dnsReachPages,
  ...awsPages,
  ...scalingGroupPages,
  ...metadataPages,
  ...proxyPages,
  ...runPages,
  ...hostPages,
  ...daemonPages,
};

/** The page of a code; undefined for a code that this version does not know. */
export function errorPage(code: string): ErrorPage | undefined {
  const known: Readonly<Record<string, ErrorPage>> = pages;
  return Object.hasOwn(known, code) ? known[code] : undefined;
}

/** All pages, in the order in which a run meets their subjects. */
export const errorAreas: readonly ErrorArea[] = [
  { title: "Command line", about: "What was typed. Nothing was done; exit status 2.", pages: usagePages },
  {
    title: "Settings, instance file, catalogue",
    about:
      "The files that people write. [Settings](settings.md), [catalogue](catalogue.md) and [tags](tags.md) have every key.",
    pages: filePages,
  },
  {
    title: "Config repo",
    about: "Reaching it, trusting it, finding the commit: [the config repo](config-repo.md).",
    pages: { ...configPages, ...configTrustPages, ...configContentPages },
  },
  {
    title: "Packages",
    about: "apt and dpkg, or dnf and rpm: [patching](patching.md).",
    pages: { ...packagePages, ...packageFetchPages, ...patchingPages },
  },
  {
    title: "Puppet and health",
    about: "The role's code and the gate after it: [Puppet](puppet.md), [health](health.md).",
    pages: convergePages,
  },
  {
    title: "Membership",
    about: "Whether the instance is in service, as a whole: [membership](membership.md).",
    pages: { ...membershipPages, ...slotPages },
  },
  {
    title: "Balancer",
    about: "Target groups on AWS, HAProxy on `local`: [membership](membership.md), [AWS](aws.md).",
    pages: { ...balancerPages, ...balancerReachPages },
  },
  {
    title: "DNS",
    about: "Route 53 on AWS, signed updates (RFC 2136) on `local`: [membership](membership.md).",
    pages: { ...dnsPages, ...dnsReachPages },
  },
  {
    title: "AWS",
    about: "Its API and the metadata service: [AWS](aws.md).",
    pages: { ...awsPages, ...scalingGroupPages, ...metadataPages },
  },
  {
    title: "Proxies",
    about: "The HTTP proxies of settings and environment: [environment](environment.md#proxies).",
    pages: proxyPages,
  },
  { title: "Runs", about: "The lock under which they are made, their records, their reboots.", pages: runPages },
  {
    title: "This machine",
    about: "State on disk, the daemon, systemd, the clock.",
    pages: { ...hostPages, ...daemonPages },
  },
];
