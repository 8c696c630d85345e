import type { Pages } from "./page.ts";

/** The metadata service, and what it and EC2 say of this instance. */
export const metadataPages = {
  "cloud-notice-unreadable": {
    happened:
      "What the metadata service (`instance.yaml` on `local`) says of spot interruptions, rebalancing or maintenance cannot be understood. What was understood before still stands. On `aws` a field that is malformed loses that field alone: an interruption without a time is answered as if it came in two minutes, and the rest of the page counts.",
    causes: [
      "On `local`, `notices` of `/etc/muster/instance.yaml` is not valid; the message says where.",
      "Something else than EC2 answers on the address of the metadata service.",
      "AWS writes that page in a new way.",
    ],
    todo: [
      "Look at the page that the message names.",
      "If EC2 really says so, report it as a defect of muster; meanwhile `muster drain` takes the instance out by hand.",
    ],
  },
  "cloud-value-unknown": {
    happened:
      "AWS, or the metadata service, answers a word that this version of muster does not know: a lifecycle state, a target's state or reason, a way of purchase. The message says what it counts as. It is said once.",
    causes: ["AWS has a new state since this version of muster was made."],
    todo: [
      "Judge by the message whether what it counts as is right. If not, take the instance out by hand: `muster drain`.",
      [
        "See what the balancer or the group says.",
        "aws autoscaling describe-auto-scaling-instances --instance-ids INSTANCE",
      ],
      "Update muster, or report the word.",
    ],
  },
  "metadata-malformed": {
    happened:
      "A page of the instance metadata has a value that it cannot have, such as an address that is none. It is not taken for absent. All else counts as it is; a balancer group, a record or a template that needs the value is refused.",
    causes: ["Something else than EC2 answers on the address of the metadata service."],
    todo: [
      "Look at the page that the message names.",
      "If EC2 really says so, report it as a defect of muster; meanwhile write the value into the catalogue, where a rule needs it.",
    ],
  },
  "imds-disabled": {
    happened:
      "The instance metadata service answered 403: it is switched off for this instance. Without it the instance cannot know itself.",
    causes: ["`HttpEndpoint` is `disabled` in the launch template or by an account's default."],
    todo: [
      [
        "Switch it on, here and in the launch template.",
        "aws ec2 modify-instance-metadata-options --instance-id INSTANCE_ID --http-endpoint enabled --http-tokens required",
      ],
      ["Make the run again.", "muster run"],
    ],
  },
  "imds-failed": {
    happened: "The instance metadata service answered with an error, or with nothing that could be used.",
    again: "run",
    causes: ["A busy host answers 503 for a while.", "Something else than EC2 answers on that address."],
    todo: [
      [
        "Ask it.",
        "curl -si -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token",
      ],
      "If this is no EC2 instance, set `cloud: local` in the settings.",
    ],
  },
  "tags-late": {
    happened:
      "EC2 shows no tag of an instance that had some: those known last count until it has shown none for two minutes. Or the instance is younger than a minute, and EC2 knows no tag of muster's prefix for it. Tags of a new instance may come some seconds late, so this is no answer yet. Once it is a minute old it counts as an instance without such tags, and the settings say its role.",
    again: "run",
    causes: [
      "EC2's answers are eventually consistent; the tags of an Auto Scaling group's instance come a moment after it.",
      "The instance has no such tags at all.",
    ],
    todo: [
      ["See which tags it has.", "muster tag list", "aws ec2 describe-tags --filters Name=resource-id,Values=INSTANCE"],
      "Show the tags in the metadata (`InstanceMetadataTags=enabled` in the launch template): that costs no call.",
    ],
  },
  "imds-unreachable": {
    happened: "The instance metadata service does not answer.",
    again: "run",
    causes: [
      "This is no EC2 instance.",
      "A firewall rule on the machine filters 169.254.169.254.",
      "`AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE` is `IPv6`, and the service is not enabled for IPv6.",
      "muster runs in a container, and the hop limit is 1.",
    ],
    todo: [
      [
        "Ask it, and look for what is in the way.",
        "curl -si -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token",
        "ip route get 169.254.169.254",
        "nft list ruleset | grep 169.254",
      ],
      [
        "By IPv6 it answers at `[fd00:ec2::254]`, on Nitro instances and where it is enabled.",
        "aws ec2 modify-instance-metadata-options --http-protocol-ipv6 enabled --instance-id INSTANCE",
      ],
      "If this is no EC2 instance, set `cloud: local` in the settings.",
    ],
  },
  "tags-stale": {
    happened:
      "The instance's tags could not be read from EC2 now, and are taken as they were last known. The run went on.",
    causes: ["The EC2 API cannot be reached, or throttles.", "`ec2:DescribeTags` is not allowed."],
    todo: [
      "Let the launch template show tags in the metadata (`InstanceMetadataTags=enabled`): then EC2 is not asked at all.",
      "Look for the `aws-` code in the log, and that up here.",
    ],
  },
  "address-changed": {
    happened:
      "The instance has other addresses than before, such as another Elastic IP. Its records and its places at balancers follow; the old values are removed.",
    causes: ["An address was associated, replaced or taken away, or the network was configured anew."],
    todo: [["Nothing, if it was meant. See what is published.", "muster explain"]],
  },
} as const satisfies Pages;
