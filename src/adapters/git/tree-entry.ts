/** One entry of a commit's tree that is no directory: a file, a link (mode 120000) or a submodule (160000). */
export type TreeEntry = { readonly mode: string; readonly id: string; readonly path: string };
