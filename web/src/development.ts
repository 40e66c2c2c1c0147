import { TOKEN } from "./address";
import { refusalIn, type Errors } from "./ask";
import type { Label } from "./caller";

/** Whom a development token is wanted for, in the words of a token's claims. */
export interface Bearer {
  readonly role: "analyst" | "service" | "member" | "officer";
  readonly company: string | null;
  readonly on_behalf_of: string | null;
  readonly member: string | null;
}

export interface Offer {
  readonly company: string;
  readonly on_behalf_of: string | null;
  readonly name: Label;
  readonly controller: Label | null;
}

export const ROLES: readonly Bearer["role"][] = ["analyst", "service", "member", "officer"];

export async function offers(): Promise<readonly Offer[]> {
  const response = await fetch(TOKEN);
  return ((await response.json()) as { companies: readonly Offer[] }).companies;
}

/** A token that speaks for the bearer. Throws Refusal where nobody can be that. */
export async function developmentToken(bearer: Bearer): Promise<string> {
  const response = await fetch(TOKEN, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(bearer),
  });
  const answer = (await response.json()) as { token?: string } & Errors;
  if (answer.token === undefined) {
    throw refusalIn(answer);
  }
  return answer.token;
}
