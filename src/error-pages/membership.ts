import type { Pages } from "./page.ts";

/** Whether the instance is in service, as a whole. */
export const membershipPages = {
  "before-stop-done": {
    happened: "A command of the role's `leave.beforeStop` was run, because the machine goes. This is only said.",
    causes: ["A shutdown, a spot notice, a scale-in or maintenance."],
    todo: [["See what it printed.", "ls /var/log/muster/units"]],
  },
  "before-stop-failed": {
    happened:
      "A command of the role's `leave.beforeStop` did not succeed, or there was no time left to run it. The others were run all the same, and leaving went on.",
    causes: [
      "The command failed, or took longer than its `timeout`.",
      "Serving took the time: the commands have what is left of it, and half of it at the least.",
    ],
    todo: [
      ["See what it printed.", "ls /var/log/muster/units"],
      ["See how the time is shared out.", "muster drain --dry-run --as spot"],
      "Shorten what the command does, or `drain` and `ttl` of the role, if the time does not suffice.",
    ],
  },
  "termination-completed": {
    happened: "The instance has left, and its Auto Scaling group was told so: it terminates it now. This is only said.",
    causes: ["A scale-in, or another reason for the group to terminate it."],
    todo: ["Nothing."],
  },
  cordoned: {
    happened:
      "The spot market recommends to rebalance: this instance may soon be taken back. It serves on and begins no run and no patching by itself, as `leave.rebalance: cordon` of its role says. The same code says when that is over.",
    causes: ["A rebalance recommendation."],
    todo: [
      "Nothing: its group replaces it, where Capacity Rebalancing is on.",
      ["Runs by hand are still made.", "muster run"],
      ["Take it out of service now, if that suits better.", "muster drain"],
    ],
  },
  "leave-cut-short": {
    happened:
      "The time that there was for leaving did not suffice for all users: connections were still open, or resolvers may still send some here.",
    causes: [
      "A spot notice leaves two minutes, and `drain` or `ttl` of the role take longer.",
      "`leave.limit` of the role is shorter than they are.",
      "The balancer, DNS or AWS did not answer in time.",
    ],
    todo: [
      ["See what leaving takes.", "muster drain --dry-run --as spot"],
      "Shorten `drain` and `ttl` in the catalogue: a TTL of at most 30 seconds fits a spot notice.",
    ],
  },
  "instance-no-address": {
    happened:
      "The instance has no address to register or publish, or (on `local`) none that others could reach yet: loopback and link-local do not count.",
    causes: [
      "The network is not up yet: that is waited for.",
      "The rule asks for an AAAA record, and the instance has IPv4 only, or for an A record of an IPv6-only instance.",
      "The target group takes addresses of another family than the instance has.",
    ],
    todo: [
      ["See what the machine has.", "ip -brief address", "ip route"],
      "Bring the network up, give the instance an address of that family, or (on `local`) list `addresses` in `/etc/muster/instance.yaml`.",
    ],
  },
  "membership-no-effect": {
    happened: "A change was taken by the balancer or the DNS server, and nothing shows for it.",
    again: "membership",
    causes: [
      "Somebody else changes the same place: another tool, a reload, a second instance with this id.",
      "The server that answers is not the one that was written to.",
    ],
    todo: [
      ["See what muster is about, and what it waits for.", "muster status"],
      "Look at the balancer's and the zone's own logs for who else writes there.",
    ],
  },
  "membership-slow": {
    happened:
      "A held instance could not leave all its targets and records within a minute. Its desired state stays out of service.",
    again: "membership",
    causes: ["The balancer, DNS or AWS does not answer."],
    todo: [
      ["See what is missing.", "muster status", "journalctl -u muster -b"],
      "Until it is done, take the instance out at the balancer by hand if users meet it.",
    ],
  },
  "membership-repaired": {
    happened:
      "Balancer, DNS or tags no longer said that this instance is in service, although it is to be. That was put right.",
    causes: [
      "HAProxy was reloaded, which forgets its members.",
      "Somebody took the instance out at the balancer, or changed its records or tags.",
    ],
    todo: [
      "Nothing, after a reload.",
      ["To take an instance out, ask muster: it leaves in order and stays out.", "muster drain", "muster join"],
    ],
  },
  "membership-unsettled": {
    happened:
      "Balancer, DNS or tags do not say yet what they are to say, and the look at them took too long. The next look goes on.",
    again: "membership",
    causes: ["The balancer does not say healthy.", "Something out there answers slowly."],
    todo: [
      ["See what is being waited for.", "muster status"],
      "The message names stage and reason; look that up here.",
    ],
  },
  "launch-abandoned": {
    happened:
      "The instance was held, and the settings say `onFailure: abandon`: its launch hook was completed with ABANDON, and Auto Scaling replaces it.",
    causes: ["A gate did not pass; the message before this one says which."],
    todo: [
      "Save what you need: the instance is about to be terminated.",
      [
        "If every new instance ends so, stop the replacing first, and look at one.",
        "aws autoscaling suspend-processes --auto-scaling-group-name GROUP --scaling-processes Launch Terminate",
      ],
    ],
  },
  "replacement-asked": {
    happened: "The Auto Scaling group was told that this instance is not healthy, and replaces it.",
    causes: [
      "It did not become healthy after its group had let it into service, and the settings say `onFailure: abandon`; the message before this one has the balancer's reason.",
      "It was out of service for its health for as long as the role's `health.replaceAfter` says.",
    ],
    todo: [
      "Save what you need: the instance is about to be terminated.",
      [
        "If every new instance ends so, stop the replacing first, and look at one.",
        "aws autoscaling suspend-processes --auto-scaling-group-name GROUP --scaling-processes Terminate ReplaceUnhealthy",
      ],
    ],
  },
  "launch-hook-missing": {
    happened:
      "The Auto Scaling group that launched this instance has no launch hook, so nothing waited for its gates: the group counted the instance as in service as soon as it ran.",
    causes: ["The hook was never made, or is one for terminating only."],
    todo: [
      [
        "Give the group one that abandons what does not pass.",
        "aws autoscaling put-lifecycle-hook --auto-scaling-group-name GROUP --lifecycle-hook-name muster --lifecycle-transition autoscaling:EC2_INSTANCE_LAUNCHING --default-result ABANDON --heartbeat-timeout 600",
      ],
      "Until then target groups of the group's own may send users to an instance that is not ready.",
    ],
  },
  "launch-hook-continues": {
    happened:
      "The launch hook that waits for this instance has the default result CONTINUE: when its time is over and nobody has answered, the instance comes into service, whether its gates passed or not.",
    causes: ["The hook was made without `--default-result`, or to be lenient."],
    todo: [
      [
        "Let it abandon: the group then replaces what does not pass.",
        "aws autoscaling put-lifecycle-hook --auto-scaling-group-name GROUP --lifecycle-hook-name HOOK --default-result ABANDON",
      ],
    ],
  },
  "replacement-impossible": {
    happened:
      "The instance is out of service for its health for as long as `health.replaceAfter` says, and no Auto Scaling group launched it: nobody replaces it. It goes on making its checks, and comes back when they pass.",
    causes: ["The instance was launched by hand, or runs outside AWS.", "It was detached from its group."],
    todo: [["See what fails.", "muster explain"], "Repair or replace it by hand."],
  },
  "tags-impossible": {
    happened:
      "EC2 would refuse the tags, so they were not sent: no tag is named, a key is reserved, empty or too long, a value is too long, or the instance would have more than 50 tags. `local` refuses the same.",
    causes: [
      "A key or value given to `muster tag add` or `rs_tag`.",
      "State tags: `tags.prefix` of the settings begins with `aws:` or is very long.",
      "The launch template or the Auto Scaling group puts close to 50 tags on the instance.",
    ],
    todo: [
      ["See which there are.", "muster tag list"],
      ["Remove tags that nobody reads (muster needs five), or choose another prefix.", "muster tag remove KEY"],
    ],
  },
  "tag-for-root": {
    happened:
      "A member of the group `muster` was about to write or remove a tag whose key begins with `tags.prefix` of the settings. Nothing was changed.",
    causes: [
      "Such tags steer this instance, or say where it stands: only root, and users who may tag it in the cloud, write them.",
    ],
    todo: [["Run it as root, where that is meant.", "sudo muster tag list"], "Or choose a key of your own."],
  },
  "tag-in-instance-file": {
    happened:
      "A tag that `/etc/muster/instance.yaml` (`cloud: local`) names was to be added or removed by command. That file is a person's, and muster never writes it.",
    causes: ["The tag is part of what this machine is, as its launch template would say on AWS."],
    todo: ["Change it in `/etc/muster/instance.yaml`.", ["See where the tags stand now.", "muster tag list"]],
  },
  "tag-key-invalid": {
    happened: "A state tag would have a key that is reserved (`aws:`) or empty.",
    causes: ["`tags.prefix` of the settings."],
    todo: [["Correct it, in the image too.", "muster check", "systemctl restart muster"]],
  },
} as const satisfies Pages;
