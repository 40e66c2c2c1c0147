// Whether the server speaks GraphQL over HTTP: every audit of graphql-http, none failing or warning.
import { strict as assert } from "node:assert";
import { serverAudits } from "graphql-http";

const [address, token] = process.argv.slice(2);
const fetchFn = (url, given = {}) =>
  fetch(url, { ...given, headers: { ...given.headers, Authorization: `Bearer ${token}` } });

const results = [];
for (const audit of serverAudits({ url: `${address}/graphql`, fetchFn })) {
  results.push(await audit.fn());
}
const short = results.filter(({ status }) => status !== "ok");
assert.deepEqual(
  short.map(({ id, name, status, reason }) => `${status} ${id} ${name}: ${reason}`),
  [],
);
console.log(`${results.length} audits`);
