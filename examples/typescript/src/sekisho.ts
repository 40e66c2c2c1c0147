// Asks Sekisho one operation at a time: each for exactly one purpose, told in a header.
import type { TypedDocumentString } from "./gql/graphql.js";

/** Why an operation is asked: the purpose, and the ticket or case that it belongs to. */
export interface Reason {
  readonly purpose: string;
  readonly reference?: string;
}

/** What left for this answer and what did not, by field. */
export interface Privacy {
  readonly decisionId: string;
  readonly withheld: readonly { field: string; reason: "NOT_OPEN" | "NOT_PERMITTED"; count: number }[];
}

interface Fault {
  readonly message: string;
  readonly extensions: { readonly code: string; readonly correlationId: string };
}

/** What comes back: data, or errors and no data at all. */
interface Answer<Data> {
  readonly data: Data;
  readonly errors?: readonly [Fault, ...Fault[]];
  readonly extensions?: { readonly privacy?: Privacy };
}

/** The whole operation is refused: there is no data beside errors. */
export class Refusal extends Error {
  readonly code: string;
  readonly correlationId: string;

  constructor({ message, extensions }: Fault) {
    super(message);
    this.code = extensions.code;
    this.correlationId = extensions.correlationId;
  }
}

export class Sekisho {
  constructor(
    private readonly address: string,
    private readonly token: string,
  ) {}

  async ask<Data, Variables>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
    reason: Reason,
  ): Promise<{ data: Data; privacy: Privacy | undefined }> {
    const response = await fetch(`${this.address}/graphql`, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${this.token}`,
        "Content-Type": "application/json",
        "Sekisho-Purpose": reason.purpose,
        ...(reason.reference && { "Sekisho-Reference": reason.reference }),
      },
      body: JSON.stringify({ query: document.toString(), variables }),
    });
    const answer = (await response.json()) as Answer<Data>;
    if (answer.errors) throw new Refusal(answer.errors[0]);
    return { data: answer.data, privacy: answer.extensions?.privacy };
  }
}
