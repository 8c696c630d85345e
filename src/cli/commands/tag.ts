import { MusterError } from "../../domain/errors/errors.ts";
import { nearest } from "../../domain/text/nearest.ts";
import { writtenTags } from "../../domain/role/selection.ts";
import { steerable } from "../../domain/settings/settings.ts";
import { parseTag, tagText, tagTexts, type TagPattern } from "../../domain/instance/tag-text.ts";
import type { SeenTags, TagStore } from "../../ports/tag-store.ts";
import type { Command, CommandIo } from "../command.ts";
import { plain, styleFor, wrap } from "../terminal/style.ts";
import { jsonText, widthOf } from "../terminal/text.ts";

export type TagDeps = {
  /** The tags of this machine: directly for root, else through the daemon's socket. */
  connect(): Promise<{
    readonly store: TagStore;
    /** The prefix of muster's own tags; unknown to users who may not write them anyway. */
    readonly prefix?: string;
  }>;
};

const actions = ["list", "add", "remove", "query"] as const;

type Action = (typeof actions)[number];

/** `muster tag`. */
export function tagCommand(deps: TagDeps): Command {
  return {
    name: "tag",
    summary: "the tags of this instance, and the instances that have a tag",
    details: `Actions:
  list                  the tags of this instance
  add KEY[=VALUE]...    sets them, in one call
  remove KEY[=VALUE]... takes them away; a value has to be the one there is
  query KEY[=VALUE]...  instances that have any of them; * stands for any text

On aws the instance's role has to allow it (docs/tags.md). Where AWS does not answer, list tells what was known last and says so. Root, and members of the group muster through the daemon; those do not change muster's own tags.

Exit status: 0 done, also where nothing is found, 1 not done, 2 usage.`,
    arguments: [
      { name: "action", summary: actions.join(", ") },
      { name: "tag", summary: "KEY or KEY=VALUE", variadic: true },
    ],
    options: [{ flags: "--json", summary: "as JSON" }],
    async run(input, io) {
      const [word = "", ...texts] = input.args;
      const action = actionOf(word);
      const tags = patternsOf(action, texts);
      const { store, prefix } = await deps.connect();
      await acts[action]({ store, prefix, tags, json: input.options["json"] === true, io });
      return 0;
    },
  };
}

type Task = {
  readonly store: TagStore;
  readonly prefix: string | undefined;
  readonly tags: readonly TagPattern[];
  readonly json: boolean;
  readonly io: CommandIo;
};

const acts: Readonly<Record<Action, (task: Task) => Promise<void>>> = { list, add, remove, query };

async function list({ store, json, io }: Task): Promise<void> {
  const seen = await store.list(io.signal);
  if (json) return io.out(`${jsonText(seen, 2)}\n`);
  warnOfStale(seen, io);
  const keys = Object.keys(seen.tags).toSorted();
  if (keys.length === 0) return io.err("This instance has no tags.\n");
  const width = Math.max(...keys.map((key) => widthOf(plain(key))));
  const { dim } = styleFor(io);
  for (const key of keys) {
    const name = plain(key);
    const begin = `${name}${" ".repeat(width - widthOf(name))}  `;
    io.out(`${dim(begin)}${wrap(plain(seen.tags[key] ?? ""), io.columns, widthOf(begin))}`.trimEnd() + "\n");
  }
}

async function add({ store, prefix, tags, json, io }: Task): Promise<void> {
  const added = Object.fromEntries(tags.map(({ key, value = "" }) => [key, value]));
  await store.add(added, io.signal);
  if (json) io.out(`${jsonText({ added }, 2)}\n`);
  else io.out(`added ${tagTexts(added).map(plain).join(", ")}\n`);
  warnOfOwn(tags, prefix, io);
}

async function remove({ store, prefix, tags, json, io }: Task): Promise<void> {
  await store.remove(tags, io.signal);
  if (json) io.out(`${jsonText({ removed: tags }, 2)}\n`);
  else io.out(`removed ${tags.map(textOf).map(plain).join(", ")}\n`);
  warnOfOwn(tags, prefix, io);
}

async function query({ store, tags, json, io }: Task): Promise<void> {
  const found = await store.find(tags, io.signal);
  if (json) return io.out(`${jsonText(found, 2)}\n`);
  if (found.length === 0) return io.err(`No instance has ${tags.map(textOf).map(plain).join(" or ")}.\n`);
  for (const { id, tags: its } of found) {
    const words = tagTexts(its).map(plain).join(" ");
    io.out(`${plain(id)}  ${wrap(words, io.columns, widthOf(plain(id)) + 2)}\n`);
  }
}

function textOf({ key, value }: TagPattern): string {
  return value === undefined ? key : tagText(key, value);
}

/** Shows the last known tags, and that they may be out of date. */
export function warnOfStale({ stale }: SeenTags, io: CommandIo): void {
  if (stale === undefined) return;
  warn(`These are the tags as they were at ${stale.asOf}: ${stale.why}`, io);
}

/** Warn before a tag of muster's is changed by hand. */
export function warnOfOwn(tags: readonly TagPattern[], prefix: string | undefined, io: CommandIo): void {
  if (prefix === undefined) return;
  for (const { key } of tags) {
    if (!key.startsWith(prefix)) continue;
    const name = key.slice(prefix.length);
    if (writtenTags.some((own) => own === name)) warn(`${key} is written by muster itself, and steers nothing`, io);
    else if (steerable.some((one) => one === name))
      warn(`${key} steers this instance, as far as the settings trust it`, io);
    else warn(`${key} steers nothing: muster knows ${steerable.join(", ")} behind ${prefix}`, io);
  }
}

function warn(text: string, io: CommandIo): void {
  const { warn: paint, marks } = styleFor(io);
  io.err(`${paint(marks.warning)} ${wrap(plain(text), io.errColumns, 2)}\n`);
}

/** @throws MusterError `usage-unknown-action` */
function actionOf(word: string): Action {
  const action = actions.find((one) => one === word);
  if (action !== undefined) return action;
  const near = nearest(word, actions);
  throw new MusterError({
    code: "usage-unknown-action",
    message: `muster tag does not know ${JSON.stringify(word)}${near === undefined ? "" : `; did you mean "${near}"?`}`,
    hint: `It knows ${actions.join(", ")}.`,
  });
}

/** @throws MusterError `usage-tag` */
function patternsOf(action: Action, texts: readonly string[]): readonly TagPattern[] {
  const tags = texts.flatMap((text) => parseTag(text) ?? []);
  if (tags.length === texts.length && (action === "list") === (tags.length === 0)) return tags;
  throw new MusterError({
    code: "usage-tag",
    message:
      action === "list" ? "muster tag list takes no tags" : `muster tag ${action} takes tags as KEY or KEY=VALUE`,
    hint: "A key is not empty, and ends at the first =.",
  });
}
