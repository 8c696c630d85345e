import type { Pages } from "./page.ts";

/** The Auto Scaling group and its hooks. */
export const scalingGroupPages = {
  "group-late": {
    happened:
      "AWS could not say yet where the Auto Scaling group has this instance: the metadata has no target lifecycle state, there are no tags, or Auto Scaling shows no such instance or no hook. Nothing was decided from that.",
    again: "run",
    causes: ["The instance was launched a moment ago, and the answers of AWS are eventually consistent."],
    todo: [
      "Wait: within two minutes of the launch it is known, or the instance counts as one outside of a group.",
      [
        "If it stays, look what Auto Scaling says.",
        "aws autoscaling describe-auto-scaling-instances --instance-ids INSTANCE",
      ],
    ],
  },
  "hook-still-waits": {
    happened:
      "A lifecycle hook of the Auto Scaling group was completed, and the group still waits for this instance. The instance counts as launched when the group has moved on.",
    again: "membership",
    causes: [
      "Auto Scaling did not know yet that the hook waits: it says `No active Lifecycle Action found` then too.",
      "Another program's hook waits in the same transition, and the settings do not tell hooks apart.",
    ],
    todo: [
      [
        "Look where the group has the instance, and which hooks it has.",
        "aws autoscaling describe-auto-scaling-instances --instance-ids INSTANCE",
        "aws autoscaling describe-lifecycle-hooks --auto-scaling-group-name GROUP",
      ],
      "If only some of the hooks are muster's, name those in the settings: `lifecycle: { hooks: [NAME] }`.",
    ],
  },
  "hooks-unclaimed": {
    happened:
      "The Auto Scaling group has several hooks for this transition, and the settings do not say which of them muster completes. It completes none, because another program may need the time of its own hook. Launch hooks are kept waiting; a termination hook waits until its time is over.",
    again: "held",
    causes: [
      "Several programs share the group, each with a hook of its own.",
      "A hook was renamed, and the old one stayed.",
    ],
    todo: [
      ["See the hooks.", "aws autoscaling describe-lifecycle-hooks --auto-scaling-group-name GROUP"],
      [
        "Name muster's own in `/etc/muster/muster.yaml` (`*` is any text), then reload.",
        "lifecycle: { hooks: [NAME] }",
        "systemctl reload muster",
      ],
      "Or delete a hook that no program needs any more.",
    ],
  },
  "standby-refused": {
    happened:
      "The Auto Scaling group does not let this instance out of service for a while: it would be smaller than its `MinSize`. The instance serves on, unpatched.",
    again: "window",
    causes: ["`MinSize` is as large as the desired capacity."],
    todo: [
      [
        "Leave room for one instance to be in standby.",
        "aws autoscaling update-auto-scaling-group --auto-scaling-group-name GROUP --min-size N",
      ],
    ],
  },
} as const satisfies Pages;
