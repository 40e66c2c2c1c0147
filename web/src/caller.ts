import { ask } from "./ask";
import type { Language } from "./words";

export type Role = "SERVICE" | "ANALYST" | "MEMBER" | "OFFICER";
export type Label = Readonly<Record<Language, string>>;

export interface Named {
  readonly key: string;
  readonly name: Label;
}

export interface Purpose extends Named {
  readonly owner: { readonly key: string } | null;
}

/** Who a token speaks for, as the server reads it, and what the catalogue calls things. */
export interface Caller {
  readonly role: Role;
  readonly subject: string;
  readonly company: Named | null;
  readonly onBehalfOf: Named | null;
  readonly purposes: readonly Purpose[];
  readonly expiresAt: number;
  readonly categories: ReadonlyMap<string, Label>;
}

const QUERY = `query Caller {
  viewer {
    role subject expiresAt
    company { key name { ja en } }
    onBehalfOf { key name { ja en } }
    purposes { key name { ja en } owner { key } }
  }
  dataCategories { key name { ja en } }
}`;

interface Data {
  readonly viewer: Omit<Caller, "expiresAt" | "categories"> & { readonly expiresAt: string };
  readonly dataCategories: readonly Named[];
}

/** Ask whom a token speaks for. Throws Refusal where it does not hold. */
export async function callerOf(token: string): Promise<Caller> {
  const { viewer, dataCategories } = await ask<Data>(QUERY, token);
  return {
    ...viewer,
    expiresAt: Date.parse(viewer.expiresAt),
    categories: new Map(dataCategories.map(({ key, name }) => [key, name])),
  };
}

/** Members and officers have one purpose, and name none. */
export function namesItsPurpose(caller: Caller): boolean {
  return caller.role === "SERVICE" || caller.role === "ANALYST";
}

/** The purpose to begin with: the one from before, else the company's own service, else any. */
export function firstPurpose(caller: Caller, before: string): string {
  const keys = caller.purposes.map(({ key }) => key);
  const own = `own:${caller.company?.key ?? ""}:service`;
  return [before, own].find((key) => keys.includes(key)) ?? keys[0] ?? "";
}
