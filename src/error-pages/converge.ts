import type { Pages } from "./page.ts";

const output = [
  "Read all that Puppet printed.",
  'less "$(ls -t /var/log/muster/units/*converge*.log | head -n 1)"',
] as const;

/** Puppet, and the checks after it. */
export const convergePages = {
  "converge-compile-failed": {
    happened:
      "Puppet could not compile the catalogue from the config repo: nothing was changed. The message has file, line and column.",
    again: "held",
    causes: [
      "A syntax error, or a class or function that no module has.",
      "Hiera has no value for a parameter, often because of the role or environment of this instance.",
      "A module was not committed: muster runs what is in the repo and installs none.",
    ],
    todo: [
      ["Find it in a checkout.", "puppet parser validate manifests site"],
      output,
      "Correct it and push. Meanwhile a good commit can be run by hand: `muster run --ref COMMIT`.",
    ],
  },
  "converge-resources-failed": {
    happened:
      "Puppet ran to its end, and some resources failed. The message names the first of them with their errors; what depends on them was skipped.",
    causes: [
      "A service does not start with the configuration it was given.",
      "A package or a download was not to be had.",
      "An `exec` failed, or a file's directory does not exist.",
    ],
    todo: [
      output,
      ["For a service, ask it.", "systemctl status UNIT", "journalctl -b -u UNIT"],
      ["Mend the code or what it depends on, and make the run again.", "muster run"],
    ],
  },
  "converge-failed": {
    happened: "Puppet did not come to a result: a dependency cycle, a signal, a time-out, or no report of the run.",
    causes: [
      "The step took longer than its `timeout` (30 minutes): something in it hangs.",
      "The machine ran out of memory, and the kernel killed it.",
      "Resources depend on each other in a circle.",
      "`/run` is full, so the report could not be written.",
    ],
    todo: [
      output,
      ["See whether memory or `/run` ran out.", "journalctl -k -b --grep 'out of memory'", "df -h /run"],
      ["Make the run again.", "muster run"],
    ],
  },
  "converge-file-missing": {
    happened:
      "The catalogue names a manifest, a module directory or a Hiera file that this commit does not hold. Nothing was run.",
    causes: [
      "The path is misspelt; paths are relative to the root of the repo.",
      "The file was not committed, or is a git submodule: those are not fetched.",
    ],
    todo: [["In a checkout: correct the path or commit the file. The check finds it.", "muster check ."]],
  },
  "converge-empty": {
    happened:
      "The engine ended well and had nothing to do: no resource of the code applies to this instance, or every one was skipped. The run goes on; what the health checks find decides.",
    causes: [
      "`node default { }` is empty, and no other `node` block matches the name of this instance.",
      "The manifest includes classes by a fact or a Hiera key that this role or environment does not have.",
      "The step names another manifest than the one that holds the code.",
      "Every resource has a `schedule` that is not due now.",
    ],
    todo: [
      ["See by which name and role Puppet compiled.", "facter networking.fqdn muster"],
      output,
      "Include what the role needs by `$facts['muster']['role']`, or correct `manifest:` in the catalogue.",
    ],
  },
  "engine-warnings": {
    happened: "The engine warned while it converged. The first warnings are quoted; the run goes on.",
    causes: [
      "The code uses a variable or a fact that has no value here.",
      "The code or a module uses what a later Puppet no longer knows.",
      "The code itself says `warning(…)`.",
    ],
    todo: [output, "Correct the code, or take the warning for what it is: it does not hold the instance."],
  },
  "drift-check-changed": {
    happened:
      "A drift check changes nothing, but Puppet applies resources with `noop => false` even when it is told to compare alone. Some of them were not as the code says and were corrected.",
    causes: ["A resource, class or resource default in the code says `noop => false`."],
    todo: [
      ["Find them.", "grep -rnE 'noop *=> *false' manifests site modules"],
      "Take `noop => false` out: a converge applies the resource without it.",
    ],
  },
  "engine-missing": {
    happened: "The role asks for Puppet, and none is installed where muster looks.",
    causes: [
      "The image was built without it.",
      "It is installed in a directory that is not in the list of the message.",
    ],
    todo: [
      [
        "With apt: install it here and in the image; Debian's package, or Puppet's own in `/opt/puppetlabs`.",
        "apt-get install puppet-agent",
      ],
      ["With dnf: install Puppet's own package, from a repository of yours.", "dnf install puppet-agent"],
    ],
  },
  "health-failed": {
    happened:
      "Health checks of the role did not pass within the gate's `deadline`. Each is named with what was expected and what was seen. The instance is held.",
    again: "held",
    causes: [
      "The service does not run, or does not listen where the check looks.",
      "It needs longer to start than the deadline allows.",
      "What it depends on (a database, a secret) does not answer.",
      "The check is wrong.",
    ],
    todo: [
      ["Ask the service and the port.", "systemctl --failed", "journalctl -b -u UNIT", "ss -ltnp"],
      ["For an http check, ask what it asks.", "curl -v URL"],
      ["Make the checks alone, and once they pass the whole run.", "muster run health", "muster run"],
      "If the service is well, correct the check or its `deadline` in the catalogue.",
    ],
  },
} as const satisfies Pages;
