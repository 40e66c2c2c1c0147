import {
  createGraphiQLFetcher,
  type Fetcher,
  type FetcherOpts,
  type FetcherParams,
} from "@graphiql/toolkit";
import { GraphQLError, Kind, parse, type DocumentNode } from "graphql";
import { createClient } from "graphql-ws";

import { GRAPHQL, SOCKET } from "./address";
import { preference } from "./preference";
import { session, statedPurpose } from "./session";
import { WORDS } from "./words";

/** Subscriptions: the socket says once who asks and for what, so another token ends it. */
const socket = createClient({
  url: SOCKET,
  retryAttempts: 0,
  connectionParams: () => ({
    authorization: `Bearer ${session.get().token}`,
    purpose: statedPurpose(),
  }),
});
session.subscribe(() => socket.terminate());

const send = createGraphiQLFetcher({
  url: GRAPHQL,
  wsClient: socket,
  enableIncrementalDelivery: false,
  fetch: (input, init) => fetch(input, { ...init, headers: withSession(init?.headers) }),
});

/** Sends what is run for the caller and purpose of the bar; made once, it reads them each time. */
export const fetcher: Fetcher = (parameters, options) => {
  if (!session.get().token) {
    const { language } = preference.get();
    return { errors: [new GraphQLError(WORDS[language].tokenFirst)] };
  }
  return send(...asWritten(parameters, options));
};

/** GraphiQL reads a query a moment after it was written: read it as it is sent. */
function asWritten(
  parameters: FetcherParams,
  options: FetcherOpts = {},
): [FetcherParams, FetcherOpts] {
  const documentAST = parsed(parameters.query);
  if (!documentAST) {
    return [parameters, options];
  }
  const names = documentAST.definitions.flatMap((each) =>
    each.kind === Kind.OPERATION_DEFINITION ? [each.name?.value ?? null] : [],
  );
  const named = names.includes(parameters.operationName ?? null);
  const operationName = named ? parameters.operationName : names[0];
  return [{ ...parameters, operationName: operationName ?? null }, { ...options, documentAST }];
}

function parsed(query: string): DocumentNode | undefined {
  try {
    return parse(query);
  } catch {
    return undefined; // The server says what is wrong with it.
  }
}

function withSession(given: HeadersInit | undefined): Headers {
  const headers = new Headers(given);
  const { token, caller } = session.get();
  const purpose = statedPurpose();
  headers.set("Authorization", `Bearer ${token}`);
  if (purpose) {
    headers.set("Sekisho-Purpose", purpose);
  }
  if (caller && caller.role !== "SERVICE") {
    headers.set("Sekisho-Explain", "1");
  }
  return headers;
}
