import { againWords } from "../../src/error-pages/again.ts";
import { errorAreas } from "../../src/error-pages/pages.ts";
import type { ErrorArea, ErrorPage } from "../../src/error-pages/page.ts";

const introduction = `<!-- Written by \`npm run docs\` from the pages in src/error-pages. -->

# Errors

An error says what happened and where, what to do next, and a code. The code is stable: look it up here, match it in
scripts (\`muster status --json\` has it under \`error.code\`).

\`\`\`
held (out of service) at config: The config repo https://git.example.com/ops/config.git cannot be fetched: the server refuses the connection; given up after 31 attempts in 10m
  Check that the git server runs and that no firewall or security group is in between.
  (config-fetch-failed)
\`\`\`

**What becomes of the instance.** A failure at a gate *holds* an instance that is not in service: it stays out, says
why, and the run is made again within 30 seconds, then ever more rarely, up to every 10 minutes (\`retry.held\` in the
[settings](settings.md)); \`muster run\` makes it at once. An instance that serves keeps serving. Lines that begin with
\`!\` in \`muster status\` are notices: they have a code too, and stopped nothing.

**Where to look first**, always:

\`\`\`sh
muster status                 # state, reason, each stage, notices, the next retry
journalctl -u muster -b       # the story of this boot, a line an event
ls -t /var/log/muster/units   # all that apt and Puppet printed, a file a command
\`\`\`

In commands below, what you have to fill in is in CAPITALS. They are run as root on the instance; those that begin with
\`aws\` run wherever that program and the permissions are, because muster's images do not need it.

## Exit statuses

| status | means |
|---|---|
| 0 | done: in service, or what was asked for is so |
| 1 | a stage failed (an instance that serves keeps serving), or the command could not do its work |
| 2 | usage: an unknown command, option or value, or settings that are not valid. systemd does not restart the daemon then |
| 3 | held: a gate did not pass, the instance is not in service, and it is tried again |
| 4 | done, but a reboot is due and was not made (\`reboot-required\`) |
| 5 | the daemon does not answer (\`daemon-silent\`, \`daemon-unreachable\`). \`muster status\` and \`muster explain\` tell what was known last |
| 6 | \`muster status --wait\` in user data, while the boot run waits for cloud-init (\`cloud-init-waits\`) |
| 75 | another run holds the lock, past the time to wait for it (\`lock-held\`) |
| 130 | ended by Ctrl-C or SIGTERM. A run in the daemon goes on |
`;

/** docs/errors.md: every code with its page. */
export function errorsPage(): string {
  return [introduction, "## Codes\n", ...errorAreas.map(contentsOf), "", ...errorAreas.map(areaText)].join("\n");
}

/** A line of the table of contents. */
function contentsOf({ title, pages }: ErrorArea): string {
  const links = Object.keys(pages).map((code) => `[\`${code}\`](#${code})`);
  return `- **[${title}](#${title
    .toLowerCase()
    .replaceAll(/[^a-z ]/g, "")
    .replaceAll(" ", "-")})**: ${links.join(", ")}`;
}

function areaText({ title, about, pages }: ErrorArea): string {
  return [`## ${title}`, "", about, "", ...Object.entries(pages).map(([code, page]) => pageText(code, page))].join(
    "\n",
  );
}

function pageText(code: string, { happened, again, causes, todo }: ErrorPage): string {
  return [
    `### \`${code}\``,
    "",
    happened,
    "",
    "Likely causes:",
    "",
    ...causes.map((cause) => `- ${cause}`),
    "",
    "What to do:",
    "",
    ...todo.map((step, at) => stepText(at + 1, step)),
    "",
    ...(again === undefined ? [] : [`Tried again: ${againWords[again]}`, ""]),
  ].join("\n");
}

function stepText(number: number, step: ErrorPage["todo"][number]): string {
  const [text, ...commands] = typeof step === "string" ? [step] : step;
  if (commands.length === 0) return `${number}. ${text}`;
  const indented = ["```sh", ...commands, "```"].map((line) => `   ${line}`);
  return [`${number}. ${text}`, "", ...indented].join("\n");
}
