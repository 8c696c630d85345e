import type { Pages } from "./page.ts";

const fetchAgain = ["Make the run again.", "muster run"] as const;

/** The config repo: reaching it, trusting it, finding the commit. */
export const configPages = {
  "config-fetch-failed": {
    happened:
      "The git server could not be reached or broke off within `config.deadline` (10 minutes); an instance with a local mirror would have gone on with that.",
    again: "run",
    causes: [
      "The name does not resolve, or the route, a security group or a proxy is in the way.",
      "The git server is down or overloaded.",
      "The repo is large and the line slow: the fetch took longer than `config.deadline`.",
    ],
    todo: [
      ["Try the same from the instance.", "getent hosts GIT_HOST", "git ls-remote CONFIG_URL"],
      ["If it does not resolve, look at the resolver.", "cat /etc/resolv.conf"],
      "Raise `config.deadline` if the repo is simply large.",
      fetchAgain,
    ],
  },
  "config-access-denied": {
    happened:
      "The git server answered and refused the credentials or the ssh key, or asked for some and there were none.",
    again: "run",
    causes: [
      "A token expired or was revoked, or a deploy key was removed.",
      "`config.https.credentials` or `config.ssh.key` names no file, or one with the wrong host in it.",
      "The key has a passphrase, or is readable by others: ssh refuses both.",
    ],
    todo: [
      [
        "Over ssh: look at the key's mode, and try it.",
        "ls -l KEY_FILE",
        "ssh -i KEY_FILE -o IdentitiesOnly=yes -T git@GIT_HOST",
      ],
      [
        "Over https: the file holds one line, `https://USER:TOKEN@HOST`. Try it.",
        "git -c credential.helper='store --file=CREDENTIALS_FILE' ls-remote CONFIG_URL",
      ],
      "Give the key or token read access to the repo; nothing more is needed.",
      fetchAgain,
    ],
  },
  "config-certificate-refused": {
    happened: "The git server's certificate is not trusted, expired, not valid yet, or made out for another name.",
    again: "run",
    causes: [
      "This machine's clock is wrong, which makes good certificates look bad.",
      "The server has a private authority that `config.https.ca` does not name.",
      "The certificate expired, or a proxy shows one of its own.",
    ],
    todo: [
      ["Look at the clock first.", "timedatectl"],
      [
        "See what the server shows, until when, and for which names.",
        "openssl s_client -connect GIT_HOST:443 -servername GIT_HOST </dev/null | openssl x509 -noout -issuer -dates -ext subjectAltName",
      ],
      "Renew it, or name the authority's certificates (PEM) in `config.https.ca`.",
    ],
  },
  "config-host-key-unknown": {
    happened:
      "The git server's ssh host key is not on file, or is another than the one on file. Nothing was sent to it.",
    causes: [
      "The key was never put into the image.",
      "The server was rebuilt with new keys.",
      "Somebody is in between.",
    ],
    todo: [
      [
        "Fetch the key, and compare its fingerprint with what the server's owner says.",
        "ssh-keyscan GIT_HOST | ssh-keygen -lf -",
      ],
      "Put the line into the file that `config.ssh.knownHosts` names, or into `/etc/ssh/ssh_known_hosts`, here and in the image.",
    ],
  },
  "config-repo-not-found": {
    happened: "The git server was reached and has no such repository, or does not show it to these credentials.",
    causes: [
      "`config.url` is misspelt, or the repo was moved or renamed.",
      "The token or key has no access: many servers then say not found.",
    ],
    todo: [
      ["Try the URL with the same credentials.", "git ls-remote CONFIG_URL"],
      "Correct `config.url`, or grant read access.",
    ],
  },
  "config-url-invalid": {
    happened: "`config.url` is no URL that muster fetches from, or carries a password.",
    causes: ["A password or token stands in the URL.", "The scheme is another than https, ssh or file."],
    todo: [
      "Put the password into a file, and name that in `config.https.credentials`.",
      ["Check the settings.", "muster check", "systemctl restart muster"],
    ],
  },
  "config-content-refused": {
    happened: "git's safety checks refuse an object of the repo. Waiting does not help, so it was not tried again.",
    causes: ["An old or hand-made commit with a malformed tree or author.", "A repo that somebody tampered with."],
    todo: [
      ["Find it in a clone.", "git fsck --full"],
      "Rewrite the history without that object, on a ref of another name or with `config.allowRewrite`.",
    ],
  },
  "config-too-large": {
    happened:
      "What is new on the ref that is to be applied has more than one fetch may bring (2 GiB). Nothing of it was taken, and it was not tried again.",
    causes: ["Data was pushed to the config repo: images, archives, packages, a database dump."],
    todo: [
      ["See what takes the space, in a clone.", "git rev-list --objects --disk-usage=human origin/REF"],
      "Take it out of the history, on a ref of another name or with `config.allowRewrite`; keep data in an artefact store.",
    ],
  },
  "config-refs-left-out": {
    happened:
      "Not every branch and tag that `config.refs` allows was brought up to date: they are too many (2,000), or one of them holds what git refuses. The ref of this run was; the run went on.",
    causes: [
      "A glob such as `**` allows far more than instances are to follow.",
      "Somebody pushed a malformed object, or a large file, to another allowed branch or tag.",
    ],
    todo: [
      "Narrow `config.refs` in the settings to what instances may follow.",
      ["If the message names an object: find it in a clone, and delete that branch or tag.", "git fsck --full"],
    ],
  },
  "config-file-too-large": {
    happened: "The catalogue has more than 1 MiB and was not read.",
    causes: ["Data was put into `muster.yaml`."],
    todo: ["Move it elsewhere: into Hiera, or into files that Puppet serves."],
  },
  "config-repo-busy": {
    happened: "A git of an earlier run still works on the local mirror. muster waited for it.",
    again: "run",
    causes: [
      "muster was killed during a fetch, and its git has not noticed yet.",
      "A fetch hangs on a server that answers slowly.",
    ],
    todo: [
      ["It ends by itself. To see it:", "pgrep -a git"],
      "If it hangs for more than a few minutes, end it by its process id.",
    ],
  },
  "config-mirror-damaged": {
    happened:
      "The local mirror in `/var/lib/muster/config.git` cannot be read. It is fetched anew as soon as the git server answers; until then no commit can be checked out.",
    again: "held",
    causes: ["A power cut or a failing disk.", "Somebody worked in that directory."],
    todo: [
      ["Look for errors of the disk.", "dmesg --level=err,warn | tail -n 50"],
      "See that the git server can be reached (`config-fetch-failed` says how). Nothing needs to be deleted by hand.",
    ],
  },
  "config-mirror-rebuilt": {
    happened: "The local mirror was damaged, incomplete or of another URL, and was fetched anew. The run went on.",
    causes: ["`config.url` was changed.", "A power cut or a failing disk."],
    todo: [
      "Nothing, if the URL was changed. The old mirror is kept as `/var/lib/muster/config.git.aside` until the next time.",
      ["If it happens again, look at the disk.", "dmesg --level=err,warn | tail -n 50"],
    ],
  },
  "config-offline": {
    happened:
      "The git server did not answer, so the run went on with the local mirror as it was fetched last. A newer commit may exist.",
    causes: ["An outage of the git server or of the network."],
    todo: [["Nothing, if it passes: the next run fetches again. Else:", "git ls-remote CONFIG_URL"]],
  },
  "git-missing": {
    happened: "The program git is not installed, and the config repo cannot be fetched without it.",
    causes: ["The image was built without it."],
    todo: [
      "Install the package git here and in the image; for URLs over ssh openssh-client (apt) or openssh-clients (dnf) too.",
    ],
  },
  "ref-not-allowed": {
    happened:
      "The ref that a tag, the settings or the command line asks for is not among those that the settings allow.",
    causes: [
      "A tag names a branch that fits no pattern of `config.refs`; without `config.refs` only `config.ref` is allowed.",
      "A commit was asked for that no allowed branch or tag contains.",
    ],
    todo: [
      "Correct the tag (the message says where the ref comes from), or add the branch to `config.refs` in the image's settings.",
    ],
  },
  "ref-unknown": {
    happened: "The config repo has no branch, tag or commit of this name.",
    causes: ["It was deleted after a merge, or is not pushed yet.", "It is misspelt."],
    todo: [
      ["See what there is.", "git ls-remote --heads --tags CONFIG_URL"],
      "Push it, or correct the ref where it is set.",
    ],
  },
  "ref-ambiguous": {
    happened:
      "The name stands for more than one commit. Of a branch and a tag muster took the branch, or the one that this instance applied before, and went on. A name that is also the short id of another commit was refused: muster does not guess.",
    causes: ["A tag was made with the name of a branch.", "A branch or tag was named like a commit id."],
    todo: [
      "Say which is meant: `heads/NAME` or `tags/NAME`, in `config.ref`, `config.refs` and wherever the ref is set.",
      ["Delete or rename one of them.", "git push CONFIG_URL --delete refs/tags/NAME"],
      ["In place of a short id, give the commit's 40 digits.", "muster run --ref COMMIT"],
    ],
  },
} as const satisfies Pages;
