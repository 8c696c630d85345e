import { MusterError } from "../../domain/errors/errors.ts";
import { isNamed } from "./failure.ts";
import type { Edit } from "./route53-draft.ts";
import { requestsOf } from "./route53-limits.ts";
import type { Route53 } from "./services.ts";

/** The edit that Route 53 refused, and its answer. */
export type RefusedEdit = { readonly edit: Edit; readonly error: MusterError };

/**
 * Sends the edits of one zone in as few batches as Route 53's limits allow. A refused batch is halved until each refused
 * edit stands alone, so that one bad record does not block the others. The same for a denial: a policy may allow some
 * names only (docs/aws.md), and a batch with another name is denied whole.
 * @throws MusterError the first denial, once the other edits were sent
 * @param onDone called for each accepted edit, with the id of its change
 */
export async function sendEdits(
  api: Route53,
  zoneId: string,
  edits: readonly Edit[],
  signal: AbortSignal,
  onDone: (edit: Edit, change: string | undefined) => void,
): Promise<readonly RefusedEdit[]> {
  async function send(batch: readonly Edit[]): Promise<readonly RefusedEdit[]> {
    const [first] = batch;
    if (first === undefined) return [];
    const wanted = {
      HostedZoneId: zoneId,
      ChangeBatch: { Comment: "muster", Changes: batch.flatMap(({ changes }) => changes) },
    };
    try {
      const taken = await api.call((sdk) => new sdk.ChangeResourceRecordSetsCommand(wanted), signal);
      for (const edit of batch) onDone(edit, taken.ChangeInfo?.Id);
      return [];
    } catch (error) {
      const minded = error instanceof MusterError && isNamed(error.cause, /^(InvalidChangeBatch|InvalidInput)$/);
      if (minded && batch.length === 1) return [{ edit: first, error }];
      if (!minded && (!isDenied(error) || batch.length === 1)) throw deniedFor(first, error);
    }
    const half = Math.ceil(batch.length / 2);
    return await sendAll([batch.slice(0, half), batch.slice(half)]);
  }

  async function sendAll(batches: readonly (readonly Edit[])[]): Promise<readonly RefusedEdit[]> {
    const refused: RefusedEdit[] = [];
    let denial: MusterError | undefined;
    for (const batch of batches) {
      try {
        refused.push(...(await send(batch)));
      } catch (error) {
        if (!isDenied(error)) throw error;
        denial ??= error;
      }
    }
    if (denial !== undefined) throw denial;
    return refused;
  }

  return await sendAll(requestsOf(edits));
}

function isDenied(error: unknown): error is MusterError {
  return error instanceof MusterError && error.code === "aws-access-denied";
}

/** A denial of one edit says which names are in it: the policy may allow others. */
function deniedFor({ changes }: Edit, error: unknown): unknown {
  if (!isDenied(error)) return error;
  const { code, message, hint, cause, transient } = error;
  const names = new Set(changes.map(({ ResourceRecordSet: set }) => set?.Name?.replace(/\.$/, "")));
  return new MusterError({ code, message: `${message} for ${[...names].join(", ")}`, hint, cause, transient });
}
