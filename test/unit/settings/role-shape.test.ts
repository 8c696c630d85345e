// The domain imports nothing, so it writes the type of a role by hand, and the schema is written in settings. The compiler
// proves here that both have the same keys at every level; that a read role is a Role is proven where it is returned.
import { expectTypeOf, test } from "vitest";

import type { Role } from "../../../src/domain/role/role.ts";
import type { ReadRole } from "../../../src/settings/catalogue.ts";

/** `patch`, `patch.scope`, …: lists and unions count by their members. */
type Keys<T> = T extends readonly (infer Item)[]
  ? Keys<Item>
  : T extends object
    ? { [K in keyof T & string]-?: K | `${K}.${Keys<NonNullable<T[K]>>}` }[keyof T & string]
    : never;

test("the schema fills every key of a role, and no other", () => {
  expectTypeOf<Exclude<Keys<Role>, Keys<ReadRole>>>().toEqualTypeOf<never>();
  expectTypeOf<Exclude<Keys<ReadRole>, Keys<Role>>>().toEqualTypeOf<never>();
});

test("a key more on either side does not compile", () => {
  // @ts-expect-error -- the schema lacks it
  expectTypeOf<Exclude<Keys<Role & { patch: { more?: string } }>, Keys<ReadRole>>>().toEqualTypeOf<never>();
  // @ts-expect-error -- the role lacks it
  expectTypeOf<Exclude<Keys<ReadRole & { leave: { more?: string } }>, Keys<Role>>>().toEqualTypeOf<never>();
});
