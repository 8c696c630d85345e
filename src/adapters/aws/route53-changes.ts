import { MusterError } from "../../domain/errors/errors.ts";
import { isNamed } from "./failure.ts";
import type { Edit } from "./route53-draft.ts";
import type { Route53 } from "./services.ts";

/** The edit that Route 53 refused, and its answer. */
export type RefusedEdit = { readonly edit: Edit; readonly error: MusterError };

/**
 * Sends the edits of one zone as one batch. A refused batch is halved until each refused edit stands alone, so that one
 * bad record does not block the others. The same for a denial: a policy may allow some names only (docs/aws.md), and a
 * batch with another name is denied whole.
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
  const [first] = edits;
  if (first === undefined) return [];
  const wanted = {
    HostedZoneId: zoneId,
    ChangeBatch: { Comment: "muster", Changes: edits.flatMap(({ changes }) => changes) },
  };
  try {
    const taken = await api.call((sdk) => new sdk.ChangeResourceRecordSetsCommand(wanted), signal);
    for (const edit of edits) onDone(edit, taken.ChangeInfo?.Id);
    return [];
  } catch (error) {
    const minded = error instanceof MusterError && isNamed(error.cause, /^(InvalidChangeBatch|InvalidInput)$/);
    if (minded && edits.length === 1) return [{ edit: first, error }];
    if (!minded && (!isDenied(error) || edits.length === 1)) throw deniedFor(first.name, error);
  }
  const half = Math.ceil(edits.length / 2);
  const refused: RefusedEdit[] = [];
  let denial: MusterError | undefined;
  for (const part of [edits.slice(0, half), edits.slice(half)]) {
    try {
      refused.push(...(await sendEdits(api, zoneId, part, signal, onDone)));
    } catch (error) {
      if (!isDenied(error)) throw error;
      denial ??= error;
    }
  }
  if (denial !== undefined) throw denial;
  return refused;
}

function isDenied(error: unknown): error is MusterError {
  return error instanceof MusterError && error.code === "aws-access-denied";
}

/** A denial of one name says which name: the policy may allow others. */
function deniedFor(name: string, error: unknown): unknown {
  if (!isDenied(error)) return error;
  const { code, message, hint, cause, transient } = error;
  return new MusterError({ code, message: `${message} for ${name}`, hint, cause, transient });
}
