import { createGraphiQLFetcher, type Fetcher } from "@graphiql/toolkit";
import { GraphQLError } from "graphql";
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
  return send(parameters, options);
};

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
