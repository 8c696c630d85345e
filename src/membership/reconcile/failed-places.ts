import { MusterError } from "../../domain/errors/errors.ts";
import { isOutage, isThrottled } from "../../domain/errors/outage.ts";

/** What failed in one place of a stage: in a target group, in a zone, or at the tags. */
export type FailedPlace = { readonly place: string; readonly error: unknown };

/**
 * The failures of one stage as one error, under the code of the gravest. It names the places where several failed. A bug
 * is returned as it is. Pure.
 */
export function together(failed: readonly FailedPlace[]): unknown {
  const errors = failed.flatMap(({ error }) => (error instanceof MusterError ? [error] : []));
  const [gravest] = errors.toSorted((one, other) => gravity(other) - gravity(one));
  const bug = failed.find(({ error }) => !(error instanceof MusterError));
  if (bug !== undefined || gravest === undefined) return bug?.error;
  const places = new Set(failed.map(({ place }) => place));
  if (places.size === 1) return gravest;
  const byMessage = Map.groupBy(failed, ({ error }) => (error instanceof MusterError ? error.message : ""));
  const message = [...byMessage].map(([text, same]) => `${placesOf(same)}: ${text}`).join("; ");
  const { code, hint, transient, quoted } = gravest;
  const retryAfterMs = Math.max(0, ...errors.map((error) => error.retryAfterMs ?? 0));
  return new MusterError({ code, message, hint, transient, quoted, retryAfterMs, cause: gravest });
}

function placesOf(failed: readonly FailedPlace[]): string {
  return [...new Set(failed.map(({ place }) => place))].join(", ");
}

/** What a person has to see to comes before what passes by itself. */
function gravity(error: MusterError): number {
  if (!error.transient) return 3;
  if (!isOutage(error)) return 2;
  return isThrottled(error) ? 0 : 1;
}
