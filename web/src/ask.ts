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

interface Answer<Data> {
  readonly data?: Data;
  readonly errors?: readonly { message: string; extensions?: { code?: string } }[];
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
  const answer = (await response.json()) as Answer<Data>;
  if (answer.data === undefined) {
    const error = answer.errors?.[0];
    throw new Refusal(error?.extensions?.code ?? "", error?.message ?? "");
  }
  return answer.data;
}
