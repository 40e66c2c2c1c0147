// Sessions of several callers, each with a Relay store of its own: all that each may ask for goes
// through it, and Relay warns of nothing.
import { strict as assert } from "node:assert";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { format } from "node:util";
import {
  type ConcreteRequest,
  createOperationDescriptor,
  Environment,
  fetchQuery,
  getSingularSelector,
  type GraphQLSingularResponse,
  Network,
  type ReaderFragment,
  RecordSource,
  Store,
  type Variables,
} from "relay-runtime";

interface Caller {
  readonly name: string;
  readonly token: string;
  readonly purpose: string | null;
  /** The ids it was given of members, beside those that it finds. */
  readonly members: readonly string[];
  /** What the roots that need arguments are asked with. */
  readonly given: Readonly<Record<string, Variables>>;
  /** Whether it is a member of whom the company in `given` would see something. */
  readonly looksOn: boolean;
  /** Roots that its role may not ask for. */
  readonly refused: readonly string[];
}

interface Page {
  readonly totalCount: number;
  readonly edges: readonly { readonly node: { readonly id: string } }[];
  readonly pageInfo: {
    readonly startCursor: string | null;
    readonly endCursor: string | null;
    readonly hasPreviousPage: boolean;
    readonly hasNextPage: boolean;
  };
}

/** How many entries of lists the callers must have seen between them for this to say anything. */
const ENTRIES = 50;

const ARTIFACTS = join(__dirname, "build", "relay", "__generated__");

console.error = console.warn = (...said: unknown[]) => {
  throw new Error(`Relay warns: ${format(...said)}`);
};

class Refused extends Error {}

/** The artifacts that Relay's compiler made of this kind of document, by what they are about. */
function artifacts<T>(kind: string, suffix: string): Map<string, T> {
  const named = new RegExp(`^${kind}(\\w+)${suffix}\\.graphql\\.js$`);
  const found = readdirSync(ARTIFACTS).flatMap((file) => {
    const about = named.exec(file)?.[1];
    return about ? [[about, require(join(ARTIFACTS, file)).default] as const] : [];
  });
  assert(found.length > 0, `no artifacts of ${kind}`);
  return new Map(found);
}

const roots = artifacts<ConcreteRequest>("root", "Query");
const refetches = artifacts<ConcreteRequest>("refetch", "Query");
const pages = artifacts<ConcreteRequest>("page", "Query");
const fragments = artifacts<ReaderFragment>("page", "_(?:member|query)");

function network(address: string, caller: Caller): ReturnType<typeof Network.create> {
  const headers: Record<string, string> = {
    Authorization: `Bearer ${caller.token}`,
    "Content-Type": "application/json",
    ...(caller.purpose && { "Sekisho-Purpose": caller.purpose }),
  };
  return Network.create(async (operation, variables) => {
    const body = JSON.stringify({ query: operation.text, variables });
    const response = await fetch(`${address}/graphql`, { method: "POST", headers, body });
    const answer = (await response.json()) as GraphQLSingularResponse;
    if ("errors" in answer) throw new Refused(format("%s: %o", operation.name, answer.errors));
    return answer;
  });
}

class Session {
  readonly environment: Environment;
  readonly caller: Caller;

  constructor(address: string, caller: Caller) {
    this.caller = caller;
    this.environment = new Environment({
      network: network(address, caller),
      store: new Store(new RecordSource()),
    });
  }

  /** What the store holds of an answer once it is in; nothing of it may be missing there. */
  async ask(request: ConcreteRequest, variables: Variables): Promise<unknown> {
    const operation = createOperationDescriptor(request, variables);
    this.environment.retain(operation);
    await fetchQuery(this.environment, request, variables).toPromise();
    assert.equal(this.environment.check(operation).status, "available", request.params.name);
    const snapshot = this.environment.lookup(operation.fragment);
    assert(!snapshot.isMissingData, request.params.name);
    return snapshot.data;
  }

  record(id: string): Readonly<Record<string, unknown>> | null | undefined {
    return this.environment.getStore().getSource().get(id);
  }

  /** The ids of the store's records of this type that can be fetched by them. */
  known(type: string): readonly string[] {
    const source = this.environment.getStore().getSource();
    return source
      .getRecordIDs()
      .filter((id) => source.get(id)?.["__typename"] === type && !id.startsWith("client:"));
  }
}

/** How the roots that take a member's id take it. */
const BY_ID: Readonly<Record<string, (id: string) => Variables>> = {
  Explain: (memberId) => ({ memberId }),
  Member: (id) => ({ id }),
  Node: (id) => ({ id }),
  Nodes: (id) => ({ ids: [id] }),
};

/** Roots asked when something is known to ask them with. */
const APART: ReadonlySet<string> = new Set(["AsSeenBy", "ConsentReceipt"]);

/** One root, or one refusal where the caller's role may not ask for it. */
async function askRoot(session: Session, name: string, variables: Variables = {}): Promise<unknown> {
  const { given, refused } = session.caller;
  const answer = session.ask(roots.get(name)!, { ...given[name], ...variables });
  return refused.includes(name) ? assert.rejects(answer, /FORBIDDEN/) : answer;
}

/** Every root that the SDL has; gives the ids of the members met. */
async function askRoots(session: Session): Promise<readonly string[]> {
  for (const name of roots.keys()) {
    if (!(name in BY_ID) && !APART.has(name)) await askRoot(session, name);
  }
  const met = [...new Set([...session.caller.members, ...session.known("Member")])];
  for (const id of met) {
    for (const [name, variables] of Object.entries(BY_ID)) {
      await askRoot(session, name, variables(id));
    }
  }
  for (const id of session.known("Consent").slice(0, 2)) {
    await askRoot(session, "ConsentReceipt", { id });
  }
  return met;
}

/** What a company would see of the member stands beside their own data, under other ids. */
async function lookOn(session: Session): Promise<void> {
  const before = session.known("Member").map((id) => [id, session.record(id)] as const);
  await askRoot(session, "AsSeenBy");
  for (const [id, own] of before) {
    const now = session.record(id);
    assert.deepEqual({ ...now, ...own }, now, "the member's own data changed");
  }
  const seen = session.known("Member").length - before.length;
  assert.equal(seen, session.caller.looksOn ? 1 : 0, "members seen with other eyes");
}

/** Each type by the id that a list gave: the same object, with the same values. */
async function refetchAll(session: Session): Promise<readonly string[]> {
  const met = [...refetches].filter(([type]) => session.known(type).length > 0);
  for (const [type, request] of met) {
    for (const id of session.known(type).slice(0, 2)) {
      const before = JSON.stringify(session.record(id));
      await session.ask(request, { id });
      assert.equal(JSON.stringify(session.record(id)), before, `${type} changed when refetched`);
    }
  }
  return met.map(([type]) => type);
}

/** How many of the member's rows in this list are open, as the store was told with the member. */
function counted(session: Session, id: string, list: string): number {
  const linked = session.record(id)?.[`${list}(first:50)`] as { __ref: string } | undefined;
  return Number(session.record(linked?.__ref ?? "")?.["totalCount"] ?? 0);
}

/** The list one entry a page, towards its end or its start: Relay puts the pages together. */
async function pageBy(session: Session, name: string, id: string | null): Promise<Page> {
  let page: Page | undefined;
  let cursor: string | null = null;
  do {
    const variables = { ...session.caller.given[`Page${name}`], id, count: 1, cursor };
    const answer = await session.ask(pages.get(name)!, variables);
    const owner = id === null ? answer : (answer as { readonly node: unknown }).node;
    const selector = getSingularSelector(fragments.get(name)!, owner as never)!;
    [page] = Object.values(session.environment.lookup(selector).data!) as [Page];
    cursor = name.startsWith("Back") ? page.pageInfo.startCursor : page.pageInfo.endCursor;
  } while (name.startsWith("Back") ? page.pageInfo.hasPreviousPage : page.pageInfo.hasNextPage);
  return page;
}

/** Both ways give the same entries in the same order: as many as were counted. */
async function readList(session: Session, list: string, id: string | null): Promise<number> {
  const [ahead, back] = [await pageBy(session, list, id), await pageBy(session, `Back${list}`, id)];
  const ids = (page: Page): readonly string[] => page.edges.map(({ node }) => node.id);
  assert.deepEqual(ids(ahead), ids(back), list);
  assert.equal(new Set(ids(ahead)).size, ahead.totalCount, list);
  return ahead.totalCount;
}

async function readLists(session: Session, members: readonly string[]): Promise<number> {
  let read = session.caller.refused.includes("Members") ? 0 : await readList(session, "Members", null);
  for (const id of members) {
    for (const name of pages.keys()) {
      const list = name[0]!.toLowerCase() + name.slice(1);
      const rows = counted(session, id, list);
      if (rows > 0) assert.equal(await readList(session, name, id), rows, list);
      read += rows;
    }
  }
  return read;
}

async function main(): Promise<void> {
  const { address, callers } = JSON.parse(readFileSync(0, "utf8"));
  let paged = 0;
  for (const caller of callers as Caller[]) {
    const session = new Session(address, caller);
    const members = await askRoots(session);
    assert.deepEqual(await refetchAll(session), [...refetches.keys()], "types that were met");
    const read = await readLists(session, members);
    await lookOn(session);
    const records = session.environment.getStore().getSource().size();
    console.log(`${caller.name}: ${records} records, ${read} entries page by page`);
    paged += read;
  }
  assert(paged >= ENTRIES, `only ${paged} entries were there to page through`);
}

void main();
