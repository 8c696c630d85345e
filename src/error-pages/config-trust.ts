import type { Pages } from "./page.ts";

/** Which commits of the config repo are trusted. */
export const configTrustPages = {
  "commit-unsigned": {
    happened:
      "The settings demand signed commits (`config.signers`), and this one carries no signature. It was not applied.",
    causes: [
      "Somebody pushed without signing.",
      "The git host merged or squashed, which makes a new, unsigned commit.",
    ],
    todo: [
      ["Look whose commit it is.", "git -C /var/lib/muster/config.git log -1 COMMIT"],
      [
        "Put a signed commit on top and push it; an empty one will do.",
        "git -c gpg.format=ssh -c user.signingKey=KEY_FILE commit -S --allow-empty -m 'Signed'",
      ],
    ],
  },
  "commit-signature-bad": {
    happened:
      "The commit is signed, but not by a key that `config.signers` lists, or the signature does not fit. It was not applied.",
    causes: [
      "A new colleague's key is not in the image yet.",
      "The key was removed, or is past its validity in the signers file.",
      "The commit was tampered with.",
    ],
    todo: [
      [
        "See who signed it.",
        "git -C /var/lib/muster/config.git -c gpg.ssh.allowedSignersFile=SIGNERS_FILE verify-commit COMMIT",
      ],
      "Add the key to the signers file of the image, or have the commit signed by somebody who is in it.",
    ],
  },
  "commit-before-since": {
    happened:
      "The settings bind this image to one line of history (`config.since`), and the commit does not descend from that. It was not applied.",
    causes: [
      "Somebody pushed an older commit, or one of another repo or line, or asks for a ref from before `config.since`.",
      "`config.url` names another repo than `config.since` was taken from.",
    ],
    todo: [
      ["Look what it is.", "git -C /var/lib/muster/config.git log -3 COMMIT"],
      ["See whether it descends from it, in a clone.", "git merge-base --is-ancestor SINCE COMMIT; echo $?"],
      "Point the ref at a commit that does, or change `config.since` in the image's settings.",
    ],
  },
  "history-rewritten": {
    happened:
      "The branch now points at a commit that does not contain the one applied last: somebody forced a push. It was not applied.",
    causes: ["A rebase or an amended commit.", "An attacker who replaced the history."],
    todo: [
      "Find out who pushed, and whether that was meant.",
      "If it was: merge the commit applied last back into the branch, or set `config.allowRewrite: true` in the settings.",
      ["To apply this one commit once:", "muster run --ref COMMIT"],
    ],
  },
} as const satisfies Pages;
