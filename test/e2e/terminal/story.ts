// What happens in a first boot that ends held, in pieces between which a test looks at the window.
import type { EventBody } from "../../../src/domain/run/events.ts";
import type { Instance } from "../../../src/domain/instance/instance.ts";
import type { RunEnd, StageName } from "../../../src/domain/run/run.ts";

const instance: Instance = {
  id: "i-0a1b2c3d4e5f60718",
  cloud: "aws",
  account: "123456789012",
  region: "eu-west-1",
  zone: "eu-west-1b",
  addresses: { ipv4: ["10.0.0.4"], ipv6: [] },
  hostname: "ip-10-0-0-4",
};

const begins: EventBody = {
  type: "run-started",
  cause: "boot",
  startType: "first-boot",
  dryRun: false,
  resumed: false,
};

export const beginning: readonly EventBody[] = [
  { type: "state-changed", state: "starting", trigger: "run-began", reason: "the boot run is under way" },
  begins,
  ...stage("clock", "synchronised by chrony", 40),
  ...stage("identity", "i-0a1b2c3d4e5f60718 in eu-west-1b, role web in production", 312),
  {
    type: "run-facts",
    facts: {
      role: "web",
      environment: "production",
      ref: "release/2026-11",
      instance,
    },
  },
];

export const fetching: readonly EventBody[] = [
  { type: "stage-started", stage: "config" },
  { type: "stage-started", stage: "index" },
  {
    type: "stage-progress",
    stage: "config",
    text: "git.example.com does not answer; trying again in 4 s, up to 9 min more",
    waiting: true,
  },
  { type: "stage-progress", stage: "index", text: "reading package lists of 4 repositories", waiting: false },
];

export const fetched: readonly EventBody[] = [
  {
    type: "run-facts",
    facts: { commit: "5ad1f0c9e2b7468890aa0e4f1c2d3b4a59687766" },
  },
  finished("config", "5ad1f0c9e2b7 of release/2026-11: Zoë: 設定ファイルの更新、nginx の再起動を修正", 8420),
  finished("index", "the package index is up to date", 2130),
  {
    type: "notice",
    level: "warning",
    code: "packages-kept-back",
    text: "Newer versions of linux-image-amd64 and systemd cannot be installed without removing other packages",
  },
];

export const patching: readonly EventBody[] = [
  { type: "stage-started", stage: "patch" },
  {
    type: "stage-progress",
    stage: "patch",
    text: "unpacking libssl3 (3.0.17-1~deb12u3) over (3.0.15-1~deb12u1), 17 of 42 packages, about 38 MiB left to fetch",
    waiting: false,
  },
];

export const patched: readonly EventBody[] = [
  finished("patch", "42 packages changed; a reboot is required", 93_000, "changed"),
  { type: "run-facts", facts: { reboot: { required: true, reasons: ["linux-image-amd64", "libssl3"] } } },
];

const error = {
  code: "health-failed",
  message:
    "1 of 4 health checks did not pass within 10 min: smoke check http http://127.0.0.1/: expected status 200, saw 502 (18 tries, failing for 9 min 58 s)",
  hint: "Look at the log of the service that is checked, and at https://wiki.example.com/runbooks/web-tier/nginx-502-after-patch#first-look",
} as const;

export const heldEnd: RunEnd = { kind: "held", stage: "health", error };

export const failing: readonly EventBody[] = [
  ...stage("converge", "211 resources, 17 changed", 41_200, "changed"),
  { type: "stage-started", stage: "health" },
  {
    type: "stage-finished",
    stage: "health",
    outcome: "failed",
    durationMs: 600_000,
    summary: error.message,
    facts: {},
    error,
  },
  { type: "run-finished", end: heldEnd, durationMs: 747_000 },
  { type: "retry-scheduled", inMs: 300_000, nextAt: new Date(Date.now() + 4.5 * 60_000).toISOString() },
  { type: "state-changed", state: "held", trigger: "gate-failed", reason: "health did not pass" },
];

export const serving: readonly EventBody[] = [
  ...stage("converge", "211 resources, 17 changed", 41_200, "changed"),
  ...stage("health", "4 checks passed", 2200),
  ...stage("register", "web-production says healthy", 14_000, "changed"),
  ...stage("dns", "published www.example.com", 9000, "changed"),
  ...stage("tags", "5 tags written", 300, "changed"),
  { type: "run-finished", end: { kind: "in-service", changed: true }, durationMs: 171_000 },
  { type: "state-changed", state: "in-service", trigger: "gates-passed", reason: "every gate passed" },
];

type Outcome = "changed" | "unchanged";

function finished(name: StageName, summary: string, durationMs: number, outcome: Outcome = "unchanged"): EventBody {
  return { type: "stage-finished", stage: name, outcome, durationMs, summary, facts: {} };
}

function stage(name: StageName, summary: string, durationMs: number, outcome?: Outcome): readonly EventBody[] {
  return [{ type: "stage-started", stage: name }, finished(name, summary, durationMs, outcome)];
}

export const dryRun: readonly EventBody[] = [
  { type: "run-started", cause: "manual", startType: "restart", dryRun: true, resumed: false },
  ...stage("identity", "i-0a1b2c3d4e5f60718 in eu-west-1b, role web in production", 40),
  ...stage("config", "5ad1f0c9e2b7 of release/2026-11", 2300),
  {
    type: "stage-planned",
    stage: "patch",
    steps: [
      {
        text: "install 3 security upgrades and reboot, because linux-image-amd64 is among them",
        details: [
          "libssl3 3.0.15-1~deb12u1 -> 3.0.17-1~deb12u3",
          "linux-image-amd64 6.1.128-1 -> 6.1.147-1",
          "openssl 3.0.15-1~deb12u1 -> 3.0.17-1~deb12u3",
        ],
      },
    ],
  },
  { type: "stage-planned", stage: "converge", steps: [{ text: "decided at run time" }] },
  { type: "stage-planned", stage: "tags", steps: [] },
];

export const leaving: readonly EventBody[] = [
  { type: "state-changed", state: "leaving", trigger: "leave-began", reason: "disk" },
  { type: "stage-started", stage: "dns" },
  finished("dns", "withdrew www.example.com A 10.0.0.4 from example.com", 31_000, "changed"),
  ...stage("register", "web-production has let go of it; its last connections ended after 12 s", 14_000, "changed"),
  { type: "state-changed", state: "out-of-service", trigger: "left", reason: "disk" },
];
