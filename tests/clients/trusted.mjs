// Documents as clients file and ask them: built by Apollo's, Relay's and urql's own tools, then
// asked by their hash; and what each of them makes of a document that nobody filed.
import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { generatePersistedQueryIdsFromManifest } from "@apollo/persisted-query-lists";
import { Client, createRequest, fetchExchange, stringifyDocument } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";

const FILED = "query trustedNameQuery($id: ID!) { memberByAccount(accountId: $id) { id fullName } }";
const OTHER = "query otherNameQuery($id: ID!) { memberByAccount(accountId: $id) { id fullNameKana } }";
const NAME = "見本 花子";
const variables = { id: "card-m1" };

const [task, folder, address, token, purpose] = process.argv.slice(2);
const file = (name) => join(folder, name);
const read = (name) => JSON.parse(readFileSync(file(name), "utf8"));

function build() {
  writeFileSync(file("name.graphql"), FILED);
  mkdirSync(file("relay/__generated__"), { recursive: true });
  writeFileSync(file("relay/trusted.js"), `graphql\`${FILED}\`;\n`);
  writeFileSync(file("relay.json"), "{}");
  const text = stringifyDocument(createRequest(FILED, {}).query);
  const hash = createHash("sha256").update(text).digest("hex");
  writeFileSync(file("urql.json"), JSON.stringify({ [hash]: text }));
}

const url = `${address}/graphql`;
const headers = { Authorization: `Bearer ${token}`, "Sekisho-Purpose": purpose };
let sent = [];

/** Fetches, and keeps what was sent. */
async function counted(input, init) {
  sent.push(`${input} ${init.body ?? ""}`);
  return fetch(input, init);
}

/** What was sent since: as many requests, none of which holds the text. */
function onlyHashes(requests) {
  assert.equal(sent.length, requests, sent.join("\n"));
  for (const each of sent) assert.ok(!each.includes("memberByAccount"), each);
  sent = [];
}

async function apollo() {
  const loadManifest = async () => read("apollo.json");
  const persisted = new PersistedQueryLink(generatePersistedQueryIdsFromManifest({ loadManifest }));
  const hashed = new PersistedQueryLink({
    sha256: (text) => createHash("sha256").update(text).digest("hex"),
  });
  const http = new HttpLink({ uri: url, headers, fetch: counted });
  const client = (link) => new ApolloClient({ cache: new InMemoryCache(), link: link.concat(http) });
  const found = await client(persisted).query({ query: gql(FILED), variables });
  assert.equal(found.data.memberByAccount.fullName, NAME);
  onlyHashes(1);
  await assert.rejects(client(hashed).query({ query: gql(OTHER), variables }), untrusted);
  onlyHashes(1);
}

function untrusted(error) {
  assert.match(JSON.stringify([error, error.errors, error.bodyText ?? ""]), /OPERATION_NOT_TRUSTED/);
  return true;
}

async function urql() {
  const client = new Client({
    url,
    fetch: counted,
    fetchOptions: { headers },
    preferGetMethod: false,
    exchanges: [
      persistedExchange({ enforcePersistedQueries: true, preferGetForPersistedQueries: false }),
      fetchExchange,
    ],
  });
  const found = await client.query(FILED, variables).toPromise();
  assert.equal(found.data?.memberByAccount.fullName, NAME, String(found.error));
  onlyHashes(1);
  const refused = await client.query(OTHER, variables).toPromise();
  assert.equal(refused.error?.graphQLErrors[0].extensions.code, "OPERATION_NOT_TRUSTED");
  onlyHashes(1);
}

async function relay() {
  const [id] = Object.keys(read("relay.json"));
  for (const [doc_id, code] of [[id, undefined], ["unknown", "OPERATION_NOT_TRUSTED"]]) {
    const answer = await counted(url, {
      method: "POST",
      headers: { ...headers, "Content-Type": "application/json" },
      body: JSON.stringify({ doc_id, variables }),
    });
    const told = await answer.json();
    assert.equal(told.errors?.[0].extensions.code, code);
    if (code === undefined) assert.equal(told.data.memberByAccount.fullName, NAME);
    onlyHashes(1);
  }
}

if (task === "build") build();
else {
  for (const client of [apollo, urql, relay]) await client();
  process.stdout.write("by Apollo, urql and Relay, none of which sends the text after a refusal");
}
