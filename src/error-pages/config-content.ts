import type { Pages } from "./page.ts";

/** The content of a commit of the config repo. */
export const configContentPages = {
  "config-content-missing": {
    happened:
      "The catalogue names a path where git holds no content for instances: a submodule, a pointer of Git LFS, or nothing at all. On an instance no worktree was touched.",
    causes: [
      "The path is a git submodule or lies inside one: muster does not fetch submodules, the directory is empty.",
      "The manifest or the Hiera file is stored with Git LFS: muster does not download from LFS, the file is a few lines of text that begin with `version https://git-lfs.github.com/spec/v1`.",
      "Hiera's data directory is a submodule: every look-up would find nothing.",
      "`.gitignore` excludes the path, as it often does with modules that a Puppetfile installs: a working tree has it, and git does not.",
      "The path was never added, or is an empty directory, which git does not keep.",
    ],
    todo: [
      ["See what git holds, in a checkout.", "git ls-files --stage PATH", "git check-ignore --verbose PATH/*"],
      "In place of a submodule commit the files themselves (`git subtree add`, or a copy that CI keeps up to date).",
      ["Take a file out of LFS.", "git lfs untrack PATTERN", "git add --renormalize PATH", "git commit"],
      ["Add what is ignored or was not added; commit the modules that a Puppetfile installs.", "git add --force PATH"],
      ["Then check again.", "muster check ."],
    ],
  },
  "config-content-partial": {
    happened:
      "Below the paths that the role uses the commit holds submodules or pointers of Git LFS in place of content. The run went on: a submodule is an empty directory, and a file in LFS is its pointer's text.",
    causes: [
      "A module is a git submodule: Puppet does not find its classes.",
      "A file that Puppet hands out (an archive, a package, a certificate) is stored with Git LFS: the instance gets the pointer in its place.",
    ],
    todo: [
      ["See all of them, in a checkout.", "muster check .", "git lfs ls-files", "git submodule status"],
      "Commit the files themselves, or serve large ones from an artefact store.",
    ],
  },
} as const satisfies Pages;
