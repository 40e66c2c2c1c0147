// Writes documents that ask for all that the SDL offers: a query for each root field, a refetch for
// each type with an id of its own, a page of each list. What the schema gains is in them at once.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSchema, getNamedType, isLeafType, isObjectType, isRequiredArgument } from "graphql";

const DEEP = 2;

const [sdl, folder] = process.argv.slice(2);
const schema = buildSchema(readFileSync(sdl, "utf8"));
const refetched = schema.getPossibleTypes(schema.getType("Node"));
const fieldsOf = (type) => Object.values(type.getFields());
const isConnection = (type) => type.name.endsWith("Connection");
const capital = (name) => name[0].toUpperCase() + name.slice(1);

/** Everything of this type, and of the objects it leads to: so many steps down, then their ids. */
function all(type, deep) {
  if (isLeafType(type)) return "";
  if (!isObjectType(type)) return "{ __typename id }";
  return `{ __typename ${fieldsOf(type).map((field) => selected(field, deep)).join(" ")} }`;
}

function selected(field, deep) {
  if (field.args.some(isRequiredArgument)) return "";
  const type = getNamedType(field.type);
  if (isConnection(type)) return deep > 0 ? `${field.name}(first: 50) ${all(type, deep)}` : "";
  if (!refetched.includes(type)) return `${field.name} ${all(type, deep)}`;
  return `${field.name} ${deep > 0 ? all(type, deep - 1) : "{ __typename id }"}`;
}

function root(field) {
  const needed = field.args.filter(isRequiredArgument);
  const variables = needed.map((each) => `$${each.name}: ${each.type}`).join(", ");
  const given = needed.map((each) => `${each.name}: $${each.name}`).join(", ");
  const entry = `${field.name}${given && `(${given})`} ${all(getNamedType(field.type), DEEP)}`;
  return `query root${capital(field.name)}Query${variables && `(${variables})`} { ${entry} }`;
}

function refetch({ name }) {
  const everything = `... on ${name} ${all(schema.getType(name), DEEP)}`;
  return `query refetch${name}Query($id: ID!) { node(id: $id) { __typename id ${everything} } }`;
}

function page(list) {
  const name = `page${capital(list.name)}`;
  const row = getNamedType(getNamedType(list.type).getFields().nodes.type);
  return `fragment ${name}_member on Member
    @refetchable(queryName: "${name}Query")
    @argumentDefinitions(count: { type: "Int", defaultValue: 1 }, cursor: { type: "String" }) {
      ${list.name}(first: $count, after: $cursor) @connection(key: "${name}_${list.name}") {
        edges { node ${all(row, 1)} }
      }
    }`;
}

/** As Relay reads documents: tagged, in a module that their names begin with. */
function module(text) {
  const [, name] = text.match(/(?:query|fragment) (\w+?)(?:Query|_member)/);
  const tagged = `import { graphql } from "relay-runtime";\n\ngraphql\`${text}\`;\n`;
  writeFileSync(join(folder, "relay", `${name}.ts`), tagged);
}

const lists = fieldsOf(schema.getType("Member")).filter(({ type }) => isConnection(getNamedType(type)));
const operations = [
  ...fieldsOf(schema.getQueryType()).map(root),
  ...refetched.map(refetch),
];
mkdirSync(join(folder, "relay"), { recursive: true });
writeFileSync(join(folder, "operations.graphql"), operations.join("\n"));
[...operations, ...lists.map(page)].forEach(module);
