import { GRAPHQL } from "./address";

/** The server answered with a refusal; `code` is the contract's. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The code of a refusal; empty where the server did not answer at all. */
export function codeOf(fault: unknown): string {
  return fault instanceof Refusal ? fault.code : "";
}

export interface Errors {
  readonly errors?: readonly { message: string; extensions?: { code?: string } }[];
}

/** What a refusal of the server says, whatever it was asked. */
export function refusalIn({ errors }: Errors): Refusal {
  const error = errors?.[0];
  return new Refusal(error?.extensions?.code ?? "", error?.message ?? "");
}

/** What the server says to a query of our own. `Data` is what the schema promises for it. */
export async function ask<Data>(query: string, token: string, purpose?: string): Promise<Data> {
  const response = await fetch(GRAPHQL, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Authorization: `Bearer ${token}`,
      ...(purpose ? { "Sekisho-Purpose": purpose } : {}),
    },
    body: JSON.stringify({ query }),
  });
  const answer = (await response.json()) as { data?: Data } & Errors;
  if (answer.data === undefined) {
    throw refusalIn(answer);
  }
  return answer.data;
}
