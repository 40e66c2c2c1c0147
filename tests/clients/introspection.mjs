// Whether introspection tells what the SDL says.
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
  validateSchema,
} from "graphql";

const [sdl, address, token] = process.argv.slice(2);
const written = buildSchema(readFileSync(sdl, "utf8"));
assert.deepEqual(validateSchema(written), []);
const query = getIntrospectionQuery({
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
});
const response = await fetch(`${address}/graphql`, {
  method: "POST",
  headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
  body: JSON.stringify({ query }),
});
const { data, errors } = await response.json();
assert.equal(errors, undefined);
const [told, said] = [buildClientSchema(data), written].map((schema) =>
  printSchema(lexicographicSortSchema(schema)),
);
assert.equal(told, said);
console.log(`${Object.keys(written.getTypeMap()).length} types`);
