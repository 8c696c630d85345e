import type { Pages } from "./page.ts";

const whoAmI = ["See which role the instance has.", "aws sts get-caller-identity"] as const;

/** AWS's API and the metadata service. */
export const awsPages = {
  "aws-role-refused": {
    happened:
      "The role with which a zone of another account is reached may not be assumed. AWS answers alike whether the role does not exist, does not trust this instance, or wants another external id. A new role takes a while to be known; until then the names of that zone are pending.",
    again: "membership",
    causes: [
      "`assumeRole` in the catalogue, or in `dns.zones` of the settings, names a role that does not exist.",
      "The instance profile's role does not allow `sts:AssumeRole` on it.",
      "The trust policy of the role does not name the instance profile's role, or asks for another `externalId`.",
    ],
    todo: [
      whoAmI,
      ["On the instance, or with its role:", "aws sts assume-role --role-arn ROLE_ARN --role-session-name test"],
      'Correct the trust policy, the policy or `assumeRole` and `externalId`: `docs/aws.md`, "Zones of another account", has both policies.',
    ],
  },
  "aws-access-denied": {
    happened:
      "The instance's role may not make this call. The message says whose credentials signed it. A new role takes a while to be known, so credentials are fetched anew for each try.",
    again: "run",
    causes: [
      "The permission is missing in the instance profile's role; the message names it.",
      "The policy has it for other resources, or a condition (tag keys, record names, the instance itself) does not fit.",
      "With `aws.credentials: chain` in the settings: other credentials than those of the role were found first.",
      "A permissions boundary or an organisation's policy takes it away.",
    ],
    todo: [
      whoAmI,
      "Add the permission to the role. `docs/aws.md` lists every one, with the policy.",
      [
        "To see what decides, from an administrator's machine:",
        "aws iam simulate-principal-policy --policy-source-arn ROLE_ARN --action-names ACTION",
      ],
      ["Make the run again.", "muster run"],
    ],
  },
  "aws-certificate-refused": {
    happened:
      "The endpoint showed a certificate that is not trusted, has expired, is not valid yet or is made out for another name, so nothing was sent to it. An instance that was in service before it booted stays so.",
    causes: [
      "A proxy or firewall between the instance and AWS opens TLS connections and shows certificates of its own.",
      "`AWS_CA_BUNDLE` names a file that is not there, or that does not hold the authority of this certificate.",
      "The clock is wrong.",
      "The name of the endpoint resolves to another server, or an `AWS_ENDPOINT_URL*` variable names one.",
    ],
    todo: [
      ["Look at the clock.", "timedatectl"],
      [
        "See who issued the certificate.",
        "openssl s_client -connect ec2.REGION.amazonaws.com:443 -servername ec2.REGION.amazonaws.com </dev/null",
      ],
      "Let the traffic to AWS pass unopened, or use VPC endpoints; or name the authority of what opens it in `AWS_CA_BUNDLE`, in a drop-in of the unit.",
    ],
  },
  "aws-connection-refused": {
    happened: "The endpoint of AWS refuses connections. An instance that was in service before it booted stays so.",
    causes: [
      "A firewall rule rejects the traffic.",
      "The name of the endpoint resolves to another server, or an `AWS_ENDPOINT_URL*` variable names one.",
    ],
    todo: [
      [
        "See which address the name has, and whether it answers.",
        "getent hosts ec2.REGION.amazonaws.com",
        "curl -sv --max-time 10 https://ec2.REGION.amazonaws.com/ -o /dev/null",
      ],
      ["Look for variables.", "systemctl show muster --property=Environment"],
    ],
  },
  "aws-credentials-missing": {
    happened: "There were no credentials to sign the call with.",
    again: "run",
    causes: [
      "The instance has no instance profile, or the profile has no role.",
      "IMDS cannot be reached from where muster runs.",
      "Credentials are in variables or in `~/.aws`, and the settings do not say `aws.credentials: chain`.",
    ],
    todo: [
      [
        "See whether it has one.",
        "aws ec2 describe-instances --instance-ids INSTANCE_ID --query 'Reservations[].Instances[].IamInstanceProfile'",
      ],
      "Attach one, here and in the launch template.",
      [
        "See that IMDS answers (it prints the role's name).",
        "T=$(curl -sX PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)",
        'curl -sH "X-aws-ec2-metadata-token: $T" http://169.254.169.254/latest/meta-data/iam/security-credentials/',
      ],
    ],
  },
  "aws-credentials-refused": {
    happened: "AWS refused the credentials or the time stamp of the call. They are fetched anew for the next try.",
    again: "run",
    causes: [
      "The clock is wrong by more than a few minutes.",
      "The credentials expired, or the role was deleted and made anew.",
      "With `aws.credentials: chain` in the settings: keys in variables or in `~/.aws` are dead. The message says where they came from.",
    ],
    todo: [
      ["Look at the clock.", "timedatectl"],
      ["Look for variables.", "systemctl show muster --property=Environment"],
      "Take the line `credentials: chain` out of the settings where the instance has a role.",
      whoAmI,
    ],
  },
  "aws-name-unresolved": {
    happened:
      "The name of the AWS endpoint does not resolve. An instance that was in service before it booted stays so.",
    causes: [
      "The resolver of this machine does not answer, or does not know names of the internet.",
      "The VPC has its DNS support switched off, or a private zone hides `amazonaws.com`.",
      "The region is mistyped (`AWS_REGION`), or an `AWS_ENDPOINT_URL*` variable names another server.",
    ],
    todo: [
      ["Resolve it on the instance.", "getent hosts ec2.REGION.amazonaws.com", "cat /etc/resolv.conf"],
      [
        "Look at the VPC, from an administrator's machine:",
        "aws ec2 describe-vpc-attribute --vpc-id VPC_ID --attribute enableDnsSupport",
      ],
    ],
  },
  "aws-no-route": {
    happened:
      "This machine has no route to the AWS endpoint. An instance that was in service before it booted stays so.",
    causes: [
      "The subnet has neither a NAT gateway nor a VPC endpoint.",
      "The instance has IPv6 addresses only, and the endpoint's name has IPv4 addresses only.",
      "The network of the machine is not up.",
    ],
    todo: [
      ["Look at the routes.", "ip route", "ip -6 route", "getent ahosts ec2.REGION.amazonaws.com"],
      "Correct the route table of the subnet, or add a VPC endpoint.",
    ],
  },
  "aws-refused": {
    happened:
      "AWS refused the request itself; its reason is in the message. Waiting does not help, unless the reason is that AWS does not know this new instance yet, which passes.",
    causes: [
      "A name or value in the catalogue that AWS does not take.",
      "What is named is in another region or account.",
    ],
    todo: [
      "Correct the catalogue as the reason says.",
      "For AWS's support: the request id of the call is in `/var/log/muster/muster.log` (with `log: json`, in the journal).",
    ],
  },
  "aws-throttled": {
    happened:
      "AWS throttles: this account makes too many such calls in this region. An instance that was in service before it booted stays so.",
    causes: [
      "Many instances start at once.",
      "Another tool polls the same API. Route 53 takes 5 calls a second in a whole account.",
    ],
    todo: [
      [
        "See who calls, from an administrator's machine:",
        "aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=CALL",
      ],
      "Slow the other caller down, or ask AWS for a higher limit.",
    ],
  },
  "aws-timeout": {
    happened:
      "AWS did not answer a call in time: no connection within 3 seconds, no answer within 10, five attempts each, and 45 seconds for all of them.",
    causes: [
      "The subnet has no route to the endpoint: no NAT, or a VPC endpoint whose security group is closed.",
      "A proxy or the line is very slow.",
    ],
    todo: [
      ["Try the endpoint from the instance.", "curl -sv --max-time 10 https://ec2.REGION.amazonaws.com/ -o /dev/null"],
      "Correct route, security group or VPC endpoint of the subnet.",
    ],
  },
  "aws-unreachable": {
    happened:
      "A call to AWS got no usable answer: a connection that broke off, an answer that is none, or an error of AWS itself. An instance that was in service before it booted stays so.",
    causes: ["A proxy or portal answers in AWS's place.", "An outage at AWS."],
    todo: [
      [
        "Try the endpoint from the instance.",
        "getent hosts ec2.REGION.amazonaws.com",
        "curl -sv --max-time 10 https://ec2.REGION.amazonaws.com/ -o /dev/null",
      ],
      "Look at https://health.aws.amazon.com, then at routes, VPC endpoints and `AWS_ENDPOINT_URL*` variables.",
    ],
  },
  "fleet-not-itself": {
    happened:
      "EC2 was asked which instances live, and its answer did not show this instance itself. So nothing of others was swept.",
    causes: [
      "Credentials of another account, or `AWS_REGION` of another region, are set for the daemon.",
      "The instance was launched a moment ago, and EC2's answers lag behind.",
    ],
    todo: ["Nothing, if it passes. Otherwise take the credentials or the region out of the daemon's environment."],
  },
  swept: {
    happened:
      "An instance is gone that said no goodbye. What it had left behind, records with their ownership records and targets, was taken away.",
    causes: ["It was terminated, lost its host or its power, before it could leave."],
    todo: ["Nothing. If instances often go like this, look why they do not leave: `muster logs` of the next one."],
  },
} as const satisfies Pages;
