import type { Pages } from "./page.ts";

/** Errors of usage: exit status 2, and nothing was done. */
export const usagePages = {
  "usage-unknown-stage": {
    happened: "`muster run` was given the name of a stage that does not exist.",
    causes: ["It is misspelt, or a role or ref was given without `--role` or `--ref`."],
    todo: [["The stages are listed in the hint and here:", "muster run --help"]],
  },
  "usage-unknown-code": {
    happened: "`muster explain CODE` was given a code that this muster does not know.",
    causes: ["It is misspelt.", "It was written by a newer muster."],
    todo: [
      "Copy it from the brackets behind the error; [all codes](errors.md) are listed.",
      "Without CODE, `muster explain` explains the instance.",
    ],
  },
  "usage-unknown-reason": {
    happened: "`muster drain --as` was given a reason that there is not, or no `--dry-run` beside it.",
    causes: ["It is misspelt.", "It was meant to leave for that reason: only a dry run can be told one."],
    todo: [["See what leaving would do, and by when.", "muster drain --dry-run --as spot"]],
  },
  "usage-unknown-run": {
    happened: "A command was given the name of a run that this machine has no record of.",
    causes: ["It is misspelt.", "It is an old one: only the newest runs are kept.", "It was made on another instance."],
    todo: ["The message lists the runs there are; `-1` names the one before the last."],
  },
  "usage-unknown-format": {
    happened: "`muster timeline --format` was given a format that it does not have.",
    causes: ["It is misspelt."],
    todo: [["See which there are.", "muster timeline --help"]],
  },
  "usage-duration": {
    happened: "`--lock-wait` or `--for` was given something that is no duration, or a longer one than it takes.",
    causes: ["The unit is missing: `30` instead of `30s`.", "A pause lasts 24 hours at the most."],
    todo: [
      [
        "Write it like `30s`, `5m` or `1h`; a lock wait of `0` does not wait at all.",
        "muster run --lock-wait 5m",
        "muster pause --for 8h --reason TEXT",
      ],
    ],
  },
  "usage-tag": {
    happened: "`muster tag` was given something that is no tag, or none where it needs one. Nothing was done.",
    causes: [
      "The key is empty (`=VALUE`).",
      "`muster tag list` was given a tag: `query` looks for those who have one.",
    ],
    todo: [["Write tags as `KEY=VALUE`, or `KEY` alone.", "muster tag add app:tier=front", "muster tag query 'app:*'"]],
  },
  "usage-unknown-action": {
    happened: "`muster tag` was given something to do that it does not know.",
    causes: ["It is misspelt."],
    todo: [["See what there is.", "muster tag --help"]],
  },
  "usage-reason-missing": {
    happened: "`muster pause` was given no reason. Nothing was paused.",
    causes: ["`--reason` is missing or empty: other operators of the instance have nothing else to go by."],
    todo: [["Say why.", "muster pause --reason TEXT"]],
  },
  "usage-invalid-selection": {
    happened:
      "`--role` or `--ref` was given something that cannot be the name of a role, or of a branch, tag or commit.",
    causes: ["A character that such names cannot have, or an empty variable in a script."],
    todo: ["Give another value. Roles are letters, digits, dots, dashes and underscores, at most 63."],
  },
  "usage-no-catalogue": {
    happened: "`muster check DIR` found no `muster.yaml` in that directory.",
    causes: ["It was run in a folder of the config repo instead of at its root."],
    todo: [["Give the root of a checkout.", "muster check /PATH/TO/CONFIG_REPO"]],
  },
  "usage-unknown-schema": {
    happened: "`muster schema` was asked for a file that it has no schema of.",
    causes: ["The name is misspelt."],
    todo: [["See which there are.", "muster schema --help"]],
  },
} as const satisfies Pages;
