import type { Pages } from "./page.ts";

/** Target groups and HAProxy. */
export const balancerPages = {
  "balancer-missing": {
    happened:
      "The role registers with a balancer, and the settings name none; or the instance may still be in one that they no longer name.",
    causes: [
      "`local.haproxy` is not in the settings, or was taken out of them.",
      "A role meant for `aws` runs on `local`.",
    ],
    todo: [
      "Name HAProxy's runtime socket under `local.haproxy.socket`, or take `register` out of the role.",
      ["Check and make the run again.", "muster check", "systemctl restart muster"],
    ],
  },
  "balancer-refused": {
    happened: "HAProxy answered, and not what was hoped for. Its words are in the message.",
    again: "membership",
    causes: [
      "The `stats socket` has no `level admin`.",
      "An old HAProxy (before 2.5) cannot add servers while it runs.",
      "A reload or another administrator was in between.",
    ],
    todo: [
      "Write `stats socket … level admin` in HAProxy's configuration and reload it.",
      ["Look at its version and log.", "haproxy -v", "journalctl -u haproxy"],
    ],
  },
  "balancer-group-missing": {
    happened: "The balancer has no target group (on AWS) or backend (HAProxy) of this name.",
    again: "membership",
    causes: [
      "`targetGroup` in the catalogue is misspelt, or makes a name from a tag that is wrong.",
      "It was not created yet, or is in another region or account.",
    ],
    todo: [
      ["See what there is on AWS:", "aws elbv2 describe-target-groups --query 'TargetGroups[].TargetGroupName'"],
      ["On HAProxy:", "echo 'show backend' | socat - TCP:HAPROXY_HOST:PORT"],
      "Create it, or correct `register` in the catalogue.",
    ],
  },
  "balancer-group-ambiguous": {
    happened: "More than one target group has the tag that the catalogue names. muster does not guess.",
    causes: ["A second group was made with the same tags (blue and green, or a copied template)."],
    todo: [
      [
        "See which groups have it.",
        "aws resourcegroupstaggingapi get-resources --resource-type-filters elasticloadbalancing:targetgroup --tag-filters Key=KEY,Values=VALUE",
      ],
      "Leave the tag on one, or name the group by its name or ARN.",
    ],
  },
  "balancer-group-unusable": {
    happened: "The target group takes targets of a type that an instance is not, such as `lambda` or `alb`.",
    causes: ["The wrong group is named in the catalogue."],
    todo: [
      [
        "See the types; `instance` and `ip` are what an instance can join.",
        "aws elbv2 describe-target-groups --query 'TargetGroups[].[TargetGroupName,TargetType]'",
      ],
      "Correct `register` in the catalogue.",
    ],
  },
  "balancer-full": {
    happened: "The target group, or the account, takes no more targets.",
    causes: ["A quota is reached.", "Targets of dead instances were never deregistered."],
    todo: [
      [
        "Count them and their states.",
        "aws elbv2 describe-target-health --target-group-arn ARN --query 'TargetHealthDescriptions[].[Target.Id,TargetHealth.State]'",
      ],
      "Deregister what is gone, or raise the quota in Service Quotas.",
    ],
  },
  "balancer-not-healthy": {
    happened:
      "The instance passed its own checks, and the balancer did not say healthy within the rule's `deadline` (5 minutes; longer where the group's own checks take longer). The reason in the message is the balancer's.",
    again: "membership",
    causes: [
      "A security group or firewall keeps the balancer from the port.",
      "The balancer's check asks another path, port or status than the service answers.",
      "The target group is attached to no listener, or its balancer has this zone switched off.",
      "The service listens on 127.0.0.1 only.",
    ],
    todo: [
      [
        "Ask what the balancer asks, by the address that it uses.",
        "ss -ltn",
        "curl -v http://INSTANCE_ADDRESS:PORT/CHECK_PATH",
      ],
      [
        "On AWS: see its reason, and what it checks.",
        "aws elbv2 describe-target-health --target-group-arn ARN",
        "aws elbv2 describe-target-groups --target-group-arns ARN",
      ],
      ["On HAProxy:", "echo 'show stat GROUP 4 -1' | socat - TCP:HAPROXY_HOST:PORT"],
      "Correct the check, the security group or the service.",
    ],
  },
  "balancer-no-verdict": {
    happened:
      "HAProxy did not finish a first health check of this instance within 15 seconds, so it was not given traffic.",
    again: "membership",
    causes: [
      "`timeout check` of the backend is long, and the check hangs.",
      "A firewall drops HAProxy's packets to the port without an answer.",
    ],
    todo: [
      ["From the balancer, ask the port.", "curl -v http://INSTANCE_ADDRESS:PORT/"],
      "Set `timeout check` of the backend to a few seconds.",
    ],
  },
  "balancer-forgot-target": {
    happened: "HAProxy forgot this server while it was being registered, as it does when it reloads.",
    again: "membership",
    causes: ["HAProxy was reloaded in that moment."],
    todo: [["Nothing. If it happens again and again, see what reloads it.", "journalctl -u haproxy"]],
  },
  "register-group-invalid": {
    happened: "The name of a group or member holds characters that the balancer's names cannot have.",
    causes: [
      "`targetGroup` is made from a tag with spaces or slashes in it.",
      "On `local`: an ARN or `tag:` form, which only AWS knows.",
    ],
    todo: [["Correct `targetGroup` in the catalogue, or the tag.", "muster check ."]],
  },
} as const satisfies Pages;
