import { findNodeAtLocation, getNodeValue, parseTree, type Node } from "jsonc-parser";

export type Path = readonly (string | number)[];

export interface Disclosed {
  readonly field: string;
  readonly categories: readonly string[];
  readonly count: number;
}

/** `paths` stand in the answer where the caller may know them; at most the first 200. */
export interface Withheld extends Disclosed {
  readonly reason: string;
  readonly paths?: readonly Path[];
}

/** `extensions.privacy`: what was told and what was not. */
export interface Report {
  readonly decisionId: string;
  readonly company: string | null;
  readonly purpose: string;
  readonly disclosed: readonly Disclosed[];
  readonly withheld: readonly Withheld[];
}

export interface Answer {
  readonly report: Report;
  readonly root: Node;
}

/** One field, with all that was told of it. */
export interface FieldReport {
  readonly field: string;
  readonly categories: readonly string[];
  readonly disclosed: number;
  readonly total: number;
  readonly withheld: readonly Withheld[];
}

/** The answer in the result's text; null where it is none, or tells nothing of privacy. */
export function answerIn(text: string): Answer | null {
  const root = parseTree(text);
  const node = root && findNodeAtLocation(root, ["extensions", "privacy"]);
  const report: unknown = node && getNodeValue(node);
  return root && isReport(report) ? { root, report } : null;
}

/** Results can be anybody's text; the server alone writes such lists into this place. */
function isReport(value: unknown): value is Report {
  return (
    typeof value === "object" &&
    value !== null &&
    ["disclosed", "withheld"].every((list) => Array.isArray(Reflect.get(value, list)))
  );
}

export function total(parts: readonly Disclosed[]): number {
  return parts.reduce((sum, { count }) => sum + count, 0);
}

/** Fields in the order of their names, those with something withheld first. */
export function byField({ disclosed, withheld }: Report): FieldReport[] {
  const fields = new Map([...disclosed, ...withheld].map((part) => [part.field, part.categories]));
  return [...fields]
    .map(([field, categories]) => {
      const open = total(disclosed.filter((part) => part.field === field));
      const closed = withheld.filter((part) => part.field === field);
      return { field, categories, disclosed: open, total: open + total(closed), withheld: closed };
    })
    .toSorted((one, other) => Number(one.withheld.length === 0) - Number(other.withheld.length === 0));
}

/** How many values each reason withholds, the most frequent first. */
export function byReason({ withheld }: Report): [reason: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { reason, count } of withheld) {
    counts.set(reason, (counts.get(reason) ?? 0) + count);
  }
  return [...counts].toSorted(([, one], [, other]) => other - one);
}

/** Where in the text the null at a path of the data ends; undefined where there is none. */
export function endOfNull(root: Node, path: Path): number | undefined {
  const node = findNodeAtLocation(root, ["data", ...path]);
  return node?.type === "null" ? node.offset + node.length : undefined;
}
