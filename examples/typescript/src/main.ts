// The card company looks up one of its customers, then goes through all whom it may see.
import { graphql } from "./gql/gql.js";
import type { MembersQuery } from "./gql/graphql.js";
import { Refusal, Sekisho } from "./sekisho.js";

const { SEKISHO_URL = "http://127.0.0.1:8000", SEKISHO_TOKEN = "" } = process.env;
const sekisho = new Sekisho(SEKISHO_URL, SEKISHO_TOKEN);
const service = { purpose: "own:card:service", reference: "CASE-2026-0042" };

const Customer = graphql(`
  query Customer($accountId: ID!) {
    memberByAccount(accountId: $accountId) {
      fullName
      birthDate
      ekycStatus
    }
  }
`);

const Members = graphql(`
  query Members($first: Int!, $after: String) {
    members(first: $first, after: $after) {
      nodes {
        id
        fullName
        orders(first: 5) {
          nodes {
            id
            amount
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

async function customer(accountId: string): Promise<void> {
  const { data, privacy } = await sekisho.ask(Customer, { accountId }, service);
  const found = data.memberByAccount;
  if (!found) {
    console.log(`${accountId}: nobody whom this company may see`);
    return;
  }
  console.log(`${accountId}: ${found.fullName}, ${found.birthDate}`);
  for (const { field, reason } of privacy?.withheld ?? []) {
    console.log(`${accountId}: ${field} is withheld, ${reason}`);
  }
}

/** Every member whom this company may see, a page at a time. */
async function* members(): AsyncGenerator<MembersQuery["members"]["nodes"][number]> {
  let page: MembersQuery["members"] | undefined;
  do {
    const after = page?.pageInfo.endCursor ?? null;
    page = (await sekisho.ask(Members, { first: 2, after }, service)).data.members;
    yield* page.nodes;
  } while (page.pageInfo.hasNextPage);
}

await customer("card-m1");
await customer("bank-m1");
for await (const member of members()) {
  // A list that is null holds nothing that could be open; one that is empty has nothing open now.
  const orders = member.orders?.nodes.length ?? "no";
  console.log(`${member.fullName ?? "(name withheld)"}: ${orders} orders to see`);
}
try {
  await sekisho.ask(Customer, { accountId: "card-m1" }, { purpose: "own:bank:service" });
} catch (refusal) {
  if (!(refusal instanceof Refusal)) throw refusal;
  console.log(`refused: ${refusal.code}`);
}
