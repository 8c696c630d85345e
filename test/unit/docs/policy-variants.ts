// A policy with one part changed at a time, to see whether that part counts.
import type { Policy, Statement } from "../../lab/aws-front/iam-policy.ts";

/** Where `*` for a resource would say the same: all changes are asked for, and ArnEquals allows one instance alone. */
const implied: ReadonlySet<string> = new Set(["SeeItSpread", "TellItsState", "TagByHand"]);

/** The policy with one part less strict, or less generous, at a time. */
export function* variants({ Version, Statement }: Policy): Generator<readonly [string, Policy]> {
  for (const [at, statement] of Statement.entries()) {
    const changed = (instead: Statement): Policy => ({ Version, Statement: Statement.with(at, instead) });
    const { Sid = at, Condition = {} } = statement;
    yield [`${Sid}: the statement`, { Version, Statement: Statement.toSpliced(at, 1) }];
    for (const action of [statement.Action].flat()) {
      const left = [statement.Action].flat().filter((one) => one !== action);
      if (left.length > 0) yield [`${Sid}: ${action}`, changed({ ...statement, Action: left })];
    }
    if (statement.Resource !== "*") {
      yield [`${Sid}: another resource`, changed({ ...statement, Resource: "arn:aws:s3:::another" })];
      if (!implied.has(`${Sid}`)) yield [`${Sid}: every resource`, changed({ ...statement, Resource: "*" })];
    }
    for (const [operator, keys] of Object.entries(Condition)) {
      const { [operator]: _, ...rest } = Condition;
      yield [`${Sid}: ${operator}`, changed({ ...statement, Condition: rest })];
      for (const [key, values] of Object.entries(keys)) {
        for (const value of [values].flat()) {
          const left = [values].flat().filter((one) => one !== value);
          if (left.length === 0) continue;
          const less = { ...Condition, [operator]: { ...keys, [key]: left } };
          yield [`${Sid}: ${operator} ${value}`, changed({ ...statement, Condition: less })];
        }
      }
    }
  }
}
