// The demo's story, told inside in-lab.ts's namespaces.
import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import type { Instance } from "../../test/lab/instance.ts";
import { createLab } from "../../test/lab/lab.ts";
import { run } from "../../test/lab/run.ts";
import { startServices, zone } from "../../test/lab/services/services.ts";
import { instanceFile, settings } from "./configuration.ts";
import { sayHowToKeep, stayUp } from "./stay-up.ts";

const repository = resolve(import.meta.dirname, "../..");
const waitMinutes = 4;

async function main(): Promise<void> {
  await using lab = await createLab();
  tell("Starting an apt repository, a git server, HAProxy and a DNS server.");
  const services = await startServices(lab);
  const config = await services.git.createRepo("ops/config");
  const commit = await config.commitDirectory(join(repository, "examples/config-repo"), "the example");
  tell(`examples/config-repo is ${commit.slice(0, 12)} at ${services.git.url("https", config.name, { byName: true })}`);

  tell("Booting an instance: Debian with systemd, the image has muster and no nginx.");
  const instance = await lab.boot({
    name: "web1",
    instance: instanceFile,
    settings: settings(services, config.name),
    files: services.files,
  });
  // Ready is said before the run: from here on there is something to follow.
  await instance.exec("systemctl start muster.service");
  await show(instance, ["muster", "status", "--wait"]);

  tell(`A client that knows the lab's DNS server, and nothing else, asks for www.${zone}:`);
  await useResolver(services.dns.address);
  await client(["dig", "+short", `www.${zone}`]);
  await client(["curl", "--silent", "--show-error", "--fail", "--max-time", "10", `http://www.${zone}/`]);
  await show(instance, ["muster", "status"]);
  await showTimeline(instance);
  await (process.argv.includes("--keep") ? stayUp() : sayHowToKeep());
}

function tell(line: string): void {
  console.log(`\n== ${line}`);
}

/** Runs the command in the instance, on this terminal. */
async function show(instance: Instance, argv: string[]): Promise<void> {
  console.log(`\nroot@${instance.name}:~# ${argv.join(" ")}`);
  const [program = "", ...args] = await instance.enter(argv);
  await follow(program, args, argv);
}

async function client(argv: string[]): Promise<void> {
  console.log(`\nclient$ ${argv.join(" ")}`);
  const [program = "", ...args] = argv;
  await follow(program, args, argv);
}

/** Where the time went: on the terminal, and as a picture that outlives the instance. */
async function showTimeline(instance: Instance): Promise<void> {
  await show(instance, ["muster", "timeline"]);
  const { stdout: svg } = await instance.exec(["muster", "timeline", "--format", "svg"]);
  const picture = join(repository, "tmp/demo-timeline.svg");
  await mkdir(dirname(picture), { recursive: true });
  await writeFile(picture, svg);
  tell(`The same as a picture, for a browser: ${picture}`);
}

/** The servers live in this process, so it must not block. */
async function follow(program: string, args: string[], said: string[]): Promise<void> {
  const child = spawn(program, args, { stdio: "inherit", timeout: waitMinutes * 60_000, killSignal: "SIGKILL" });
  const code = await new Promise((resolve, reject) => child.once("exit", resolve).once("error", reject));
  if (code !== 0) throw new Error(`${said.join(" ")} ended with ${String(code)}`);
}

/** Only our own mount namespace sees it. */
async function useResolver(address: string): Promise<void> {
  await writeFile("/run/muster-lab/resolv.conf", `nameserver ${address}\n`);
  await run(["mount", "--bind", "/run/muster-lab/resolv.conf", "/etc/resolv.conf"]);
}

await main().catch((error: unknown) => {
  console.error(`\ndemo: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
