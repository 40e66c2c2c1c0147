// Writes documents that ask for all that the SDL offers: a query for each root field, a refetch for
// each type with an id of its own, a page of each list. What the schema gains is in them at once.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSchema, getNamedType, isLeafType, isObjectType, isRequiredArgument } from "graphql";

const [sdl, folder] = process.argv.slice(2);
const schema = buildSchema(readFileSync(sdl, "utf8"));
const [query, member] = [schema.getQueryType(), schema.getType("Member")];
const refetched = schema.getPossibleTypes(schema.getType("Node"));
const fieldsOf = (type) => Object.values(type.getFields());
const isConnection = (type) => type.name.endsWith("Connection");
const capital = (name) => name[0].toUpperCase() + name.slice(1);

/** How far down everything is asked for: of parts, which repeat what has an id, not at all. */
function depth(type) {
  if (type === member) return 1;
  return refetched.includes(type) || isConnection(type) ? 2 : 0;
}

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
  const [variables, given] = asked(field);
  const type = getNamedType(field.type);
  const entry = `${field.name}${given} ${all(type, depth(type))}`;
  return `query root${capital(field.name)}Query${variables} { ${entry} }`;
}

/** `($id: ID!)` and `(id: $id)` of what a field cannot be asked without. */
function asked(field) {
  const needed = field.args.filter(isRequiredArgument);
  if (needed.length === 0) return ["", ""];
  const variables = needed.map((each) => `$${each.name}: ${each.type}`).join(", ");
  return [`(${variables})`, `(${needed.map((each) => `${each.name}: $${each.name}`).join(", ")})`];
}

function refetch(type) {
  const everything = `... on ${type} ${all(type, depth(type))}`;
  return `query refetch${type}Query($id: ID!) { node(id: $id) { __typename id ${everything} } }`;
}

/** A list that Relay pages through, towards its end or its start, narrowed and ordered. */
function page(owner, list, ahead) {
  const name = `page${ahead ? "" : "Back"}${capital(list.name)}`;
  const row = getNamedType(getNamedType(list.type).getFields().nodes.type);
  const how = list.args.filter((each) => ["filter", "orderBy"].includes(each.name));
  const variables = how.map((each) => `${each.name}: { type: "${each.type}" }`).join(", ");
  const given = how.map((each) => `${each.name}: $${each.name}`).join(", ");
  const place = ahead ? "first: $count, after: $cursor" : "last: $count, before: $cursor";
  return `fragment ${name}_${owner.name.toLowerCase()} on ${owner.name}
    @refetchable(queryName: "${name}Query")
    @argumentDefinitions(count: { type: "Int" }, cursor: { type: "String" }, ${variables}) {
      ${list.name}(${place}, ${given}) @connection(key: "${name}_${list.name}") {
        totalCount
        edges { node ${all(row, 1)} }
      }
    }`;
}

/** A list is paged ahead; back as well where it can be. */
function ways(list) {
  return list.args.some((each) => each.name === "last") ? [true, false] : [true];
}

/** What a field of a member tells that must be asked for by arguments. */
function told(field) {
  const [variables, given] = asked(field);
  const entry = `${field.name}${given} ${all(getNamedType(field.type), 1)}`;
  return `query root${capital(field.name)}Query${variables} { me { ${entry} } }`;
}

/** As Relay reads documents: tagged, in a module that their names begin with. */
function module(text) {
  const [, name] = text.match(/(?:query|fragment) (\w+?)(?:Query|_member|_query)\b/);
  const tagged = `import { graphql } from "relay-runtime";\n\ngraphql\`${text}\`;\n`;
  writeFileSync(join(folder, "relay", `${name}.ts`), tagged);
}

const operations = [
  ...fieldsOf(query).map(root),
  ...fieldsOf(member).filter((field) => field.args.some(isRequiredArgument)).map(told),
  ...refetched.map(refetch),
];
const pages = [query, member].flatMap((owner) =>
  fieldsOf(owner)
    .filter((field) => isConnection(getNamedType(field.type)))
    .flatMap((list) => ways(list).map((ahead) => page(owner, list, ahead))),
);
mkdirSync(join(folder, "relay"), { recursive: true });
writeFileSync(join(folder, "operations.graphql"), operations.join("\n"));
[...operations, ...pages].forEach(module);
