import type { Pages } from "./page.ts";

/** The files that people write: settings, instance file, catalogue. */
export const filePages = {
  "key-file-unusable": {
    happened:
      "A file that `config` in the settings names is missing, empty, no file, or a secret that other users may read. ssh refuses such a private key, and git then says only that access was denied.",
    causes: [
      "The image does not hold the file, or user data has not written it yet.",
      "It was written without a mode, so that every user may read it.",
    ],
    todo: [
      ["Look at it.", "ls -l FILE"],
      ["Give it to root alone.", "chown root:root FILE", "chmod 0600 FILE"],
      "Or correct the setting that the message names.",
    ],
  },
  "disk-low": {
    happened:
      "A file system has less room than a run usually needs: 64 MiB for muster's own state, 256 MiB for packages. This is only said; the stage that needs the room fails if it does not suffice.",
    causes: ["Logs, old kernels or downloads fill the disk.", "The volume of the image is too small."],
    todo: [
      ["Look what takes the room.", "df -h", "du -xh --max-depth=2 / | sort -h | tail -20"],
      ["With apt: downloads of packages can go.", "apt-get clean"],
      ["With dnf: the same.", "dnf clean packages"],
    ],
  },
  "settings-missing": {
    happened:
      "There is no `/etc/muster/muster.yaml`. Without it muster knows neither cloud nor config repo, so it stops.",
    causes: ["The image was built without the settings.", "They lie elsewhere, or under another name."],
    todo: [
      ["Look what is there.", "ls -l /etc/muster"],
      "Write the file; `cloud` and `config.url` are all it needs, and `docs/settings.md` has every key.",
      ["Check it, then start the daemon: it does not come back by itself.", "muster check", "systemctl restart muster"],
    ],
  },
  "settings-not-in-force": {
    happened:
      "The settings on disk were edited since the daemon read them, or cannot be used any more. The run used those that the daemon has; `muster explain` shows each value in force beside the one on disk.",
    causes: [
      "Somebody, or configuration management, edited `/etc/muster/muster.yaml` or a file of `/etc/muster/conf.d` and did not reload the daemon.",
    ],
    todo: [
      ["See what differs.", "muster explain"],
      ["Check them, and put them in force; then make the run again.", "systemctl reload muster", "muster run"],
    ],
  },
  "settings-reloaded": {
    happened:
      "The daemon was asked to read its settings again (`systemctl reload muster`, SIGHUP). They are valid and in force.",
    causes: ["Somebody changed the settings."],
    todo: [["Nothing. To see each value and where it is from:", "muster explain --all"]],
  },
  "settings-invalid": {
    happened:
      "`/etc/muster/muster.yaml`, or a file in `/etc/muster/conf.d`, is not valid. All problems are listed, each with file:line:column. Nothing was done.",
    causes: [
      "A key is misspelt, or a value has no unit (`60` instead of `60s`).",
      "A file in `conf.d` overrides what the main file says; later files win.",
      "The settings are of a newer or older muster than the one installed.",
    ],
    todo: [
      ["List the problems again and correct them.", "muster check"],
      ["Start the daemon: it does not come back by itself.", "systemctl restart muster"],
    ],
  },
  "settings-unreadable": {
    happened: "A file of the settings, the instance file or `conf.d` is there but cannot be read.",
    causes: [
      "The command was not run as root.",
      "It is a directory, a device or a link to nothing instead of a plain file.",
    ],
    todo: [
      ["Look at owner, mode and kind of what the message names.", "ls -ld /etc/muster /etc/muster/*"],
      ["Run the command again as root; restart the daemon if it was the one to stop.", "systemctl restart muster"],
    ],
  },
  "settings-writable-by-others": {
    happened:
      "Another user than root may change a file that muster would trust: the settings, `instance.yaml`, or a file that the settings name (`signers`, `ssh.key`, `ssh.knownHosts`, `https.credentials`, `https.ca`, `dns.key`). The message says which file or directory, and why. It is not used: sshd has the same rule.",
    causes: [
      "The image was built with a umask of 000 or 002, or the file was copied with the owner that it had elsewhere.",
      "A tool opened it up: `chmod -R`, a deployment user, a directory of a package.",
      "Another user changed it already.",
    ],
    todo: [
      [
        "Look at owner and mode of the file and of every directory on the way to it.",
        "namei -l /etc/muster/muster.yaml",
      ],
      "Read the file before you trust it again, and look for names that you do not know.",
      [
        "Give what the message names to root alone.",
        "chown root:root FILE_OR_DIRECTORY",
        "chmod go-w FILE_OR_DIRECTORY",
      ],
      ["Check everything at once, then start the daemon.", "muster check", "systemctl restart muster"],
    ],
  },
  "instance-file-missing": {
    happened:
      "The settings say `cloud: local`, and there is no `/etc/muster/instance.yaml` to say who this machine is. The instance is held.",
    again: "held",
    causes: [
      "The file was not made when the machine was.",
      "This is an EC2 instance, and the image has the wrong settings.",
    ],
    todo: [
      "Write the file with `id`, `zone` and `tags`; `docs/settings.md` has its keys. On EC2 set `cloud: aws` instead.",
      ["Make the run again.", "muster run"],
    ],
  },
  "instance-file-invalid": {
    happened: "`/etc/muster/instance.yaml` is not valid. All problems are listed, each with line and column.",
    causes: [
      "A key is misspelt, or `id` or `zone` is missing.",
      "A tag's value is a number or `true`: tags are text, so quote it.",
    ],
    todo: [["List the problems, correct them, and make the run again.", "muster check", "muster run"]],
  },
  "catalogue-missing": {
    happened: "The commit was fetched, but it has no `muster.yaml` at its root, so there are no roles.",
    causes: [
      "`config.url` points at another repo, or the ref at a branch without the catalogue.",
      "The file is in a folder, or is a symbolic link: links are not followed.",
    ],
    todo: [
      ["See which commit was taken, and where the ref comes from.", "muster status"],
      "Add the file at the root of the repo, or correct `config.url` or the ref.",
    ],
  },
  "catalogue-invalid": {
    happened:
      "`muster.yaml` of the config repo is not valid at this commit. All problems of the instance's own role and of what all roles share are listed, each with line and column; `muster check` also lists those of the other roles. The instance is not changed by it.",
    causes: [
      "A commit was pushed that nobody had checked.",
      "The catalogue uses keys that this version of muster does not know.",
    ],
    todo: [
      ["In a checkout of the config repo: correct it until nothing is listed, and push.", "muster check ."],
      "Run `muster check .` in the CI of the config repo, so that this cannot be merged again.",
      ["To go on with a good commit meanwhile:", "muster run --ref BRANCH_OR_COMMIT"],
    ],
  },
  "catalogue-key-renamed": {
    happened:
      "A role of the catalogue uses the former name of a key. The key works as before: the times of `schedule.check` are those of `schedule.drift`.",
    causes: ["The catalogue was written for an older muster."],
    todo: [
      "Wait until every instance that reads the catalogue has a muster that knows the new name.",
      ["Then rename the key where the message says, and look whether another is left.", "muster check ."],
    ],
  },
  "role-missing": {
    happened: "Nothing says which role this instance has: no trusted tag, and no `defaults.role` in the settings.",
    causes: [
      "The tag `muster:role` was not set, or has another prefix than `tags.prefix`.",
      "The tag is there but was refused; the message says why.",
      "On AWS: the Auto Scaling group does not propagate its tags at launch.",
    ],
    todo: [
      "Set the tag on the instance and in the launch template (in `/etc/muster/instance.yaml` on `local`).",
      ["See what the instance's tags are.", "aws ec2 describe-tags --filters Name=resource-id,Values=INSTANCE_ID"],
      ["Make the run again.", "muster run"],
    ],
  },
  "role-unknown": {
    happened:
      "The instance's role is not in the catalogue of the commit that was taken. The message lists the roles there are.",
    causes: [
      "The tag is misspelt.",
      "The role exists on another branch, or was renamed.",
      "The ref is older than the role.",
    ],
    todo: [
      "Correct the tag (the message says where the value comes from), or add the role.",
      ["Make the run again.", "muster run"],
    ],
  },
  "environment-malformed": {
    happened:
      "A variable that says where AWS is, or which time zone counts, has a value that it cannot have. One that says where AWS is stops the command: calls would go to another region or endpoint without a word. A time zone stops nothing: schedules run in UTC.",
    causes: [
      'A blank or a line break got into the value, as in `"eu-west-1 "`.',
      "A URL has no `http://` or `https://`.",
      "A switch says something else than `true` or `false`.",
      "The machine does not know the time zone: a typing error, or the package tzdata is not installed.",
    ],
    todo: [
      "Correct the variable, or remove it: the message has the value in quotes. `docs/environment.md` lists the variables.",
      ["See which drop-in sets it for the daemon.", "systemctl cat muster"],
      ["Start the daemon again.", "sudo systemctl restart muster"],
    ],
  },
  "tag-malformed": {
    happened:
      "A tag that the settings trust has a value that it cannot have. It is not taken for absent: the instance would get another role, environment, ref or weight than somebody meant, without a word.",
    causes: [
      'A blank or a line break got into the value, as in `"v1.4 "`.',
      'The value holds letters that no name has, as in `"Büro 1"`, or is empty or too long.',
    ],
    todo: [
      "Correct the tag, or remove it: the message has the value in quotes and says what is expected.",
      ["See what the instance's tags are.", "muster tag list --json"],
      ["Make the run again.", "muster run"],
    ],
  },
  "tag-untrusted": {
    happened:
      "The role makes a name or a balancer group from a tag (`{tag.KEY}`), and the settings do not list that tag under `tags.trust`. A person who may write the tag would choose the name, so nothing is done with it.",
    causes: [
      "The catalogue uses a tag that the image's settings do not know of yet.",
      "The settings are of a time when every tag could be used in templates.",
    ],
    todo: [
      "Add `tag.KEY` to `tags.trust` in the settings of the image, or take the variable out of the catalogue.",
      ["Find every such use before an instance does.", "muster check --settings /etc/muster/muster.yaml ."],
    ],
  },
  "template-no-value": {
    happened:
      "The catalogue puts something into a name or value that this instance does not have: a tag, or a public address.",
    causes: ["The tag is missing on this instance.", "`{instance.publicIpv4}` is used in a private subnet."],
    todo: ["Set the tag, or give the instance a public address, or take the variable out of the catalogue."],
  },
  "template-unknown-variable": {
    happened: "The catalogue uses a variable in braces that does not exist.",
    causes: ["It is misspelt; the message lists those there are."],
    todo: [["Correct it in the config repo; the check finds it before an instance does.", "muster check ."]],
  },
  "template-unsafe-value": {
    happened:
      "The value of a variable holds characters that no name or address can have. Tags are written by others, so such a value is refused instead of quoted.",
    causes: ["A tag with spaces, slashes or an empty value is used to make a name."],
    todo: ["Set the tag to letters, digits, dots, dashes and underscores, or make the name from another variable."],
  },
  "tag-refused": {
    happened: "A tag under muster's prefix steers nothing and was passed over. The run went on without it.",
    causes: [
      "It is misspelt: tags can steer `role`, `environment`, `ref`, `dns` and `weight` only.",
      "`tags.trust` of the settings does not list it.",
      "Its value cannot be what the tag says, or `dns.zones` of the settings does not let tags use the name.",
    ],
    todo: [
      "Correct or remove the tag, or list it under `tags.trust`. If nobody of you wrote it, find out who may call `CreateTags`.",
    ],
  },
} as const satisfies Pages;
