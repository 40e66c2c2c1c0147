import type { Caller, Label, Role } from "./caller";
import EXAMPLES from "./examples.json";

/** A query that runs on the demo world; of one company or purpose where it names them. */
export interface Example {
  readonly roles: readonly string[];
  readonly title: Label;
  readonly company?: string;
  readonly purpose?: string;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

export function examplesFor({ role, company }: Caller): readonly Example[] {
  const all: readonly Example[] = EXAMPLES as readonly Example[];
  return all.filter(
    (each) => isFor(each, role) && (each.company === undefined || each.company === company?.key),
  );
}

function isFor({ roles }: Example, role: Role): boolean {
  return roles.includes(role);
}
