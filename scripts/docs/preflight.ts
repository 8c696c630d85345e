// docs/preflight.md, from the table of probes.
import { probeNames } from "../../src/ports/probe.ts";
import { answerMs } from "../../src/stages/preflight/ask-all.ts";
import { probes } from "../../src/stages/preflight/probes.ts";

/** The page of the probes. */
export function preflightPage(): string {
  const rows = probeNames.map((name) => {
    const { asks, codes, remedy } = probes[name];
    return `| ${name} | ${asks} | ${codes.map((code) => `[\`${code}\`](errors.md#${code})`).join(", ")} | ${remedy} |`;
  });
  return `<!-- Written by \`npm run docs\` from src/stages/preflight/probes.ts. -->

# Preflight

Beside patching, a run looks for what a later stage would fail for. It changes nothing and never stops patching. All
looks are made side by side, each for ${answerMs / 1000} s at most, so that no run waits longer for them however
short its patching was. What is looked up at AWS is kept: the register stage does not ask again.

| probe | looks whether | codes | remedy |
|---|---|---|---|
${rows.join("\n")}

A look has one of three results:

- \`ok\`.
- \`problem\`, with the code of the later failure, the place, and what to do.
- \`unknown\`: the service did not answer, throttled, or did not answer in time. Nothing is concluded from that.

On an instance that is not in service, a problem holds the run after patching and before anything is converged or
registered. One error, [\`preflight-failed\`](errors.md#preflight-failed), lists all problems; the exit status is 3. These
only warn, in the log and in \`muster status\`:

- any problem on an instance that serves, or that a person keeps out of service;
- state tags, and names where the role has a balancer: they never decide over service;
- key files, disk and a missing launch hook: this run may go well all the same;
- a missing \`dig\`, \`nsupdate\` or TSIG key: the role's own code may bring them;
- a missing target group or HAProxy socket, and a denied call: they may pass (a role's own code may install HAProxy), and
  the later stage goes on trying for its deadline.

\`muster run --dry-run\` prints the same findings, without the engine's files.
`;
}
