// The card company looks up one of its customers, then goes through all whom it may see.
import { graphql } from "./gql/gql.js";
import type { MemberFilter, MembersQuery } from "./gql/graphql.js";
import { Refusal, Sekisho } from "./sekisho.js";

const { SERVER_URL = "http://127.0.0.1:8000", TOKEN = "" } = process.env;
const sekisho = new Sekisho(SERVER_URL, TOKEN);
const service = { purpose: "own:card:service", reference: "CASE-2026-0042" };

const Customer = graphql(`
  query Customer($accountId: ID!) {
    memberByAccount(accountId: $accountId) {
      fullName
      birthDate
      ekycStatus
      access(fields: ["birthDate", "orders.service", "ekycStatus"]) {
        field
        state
        reason
      }
    }
  }
`);

const Members = graphql(`
  query Members($filter: MemberFilter!, $first: Int!, $after: String) {
    members(filter: $filter, orderBy: [{ field: FULL_NAME }], first: $first, after: $after) {
      totalCount
      nodes {
        id
        fullName
        orders(filter: { amount: { gte: 5000 } }, orderBy: [{ field: AT, direction: DESC }], first: 1) {
          totalCount
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
  const { data } = await sekisho.ask(Customer, { accountId }, service);
  const found = data.memberByAccount;
  if (!found) {
    console.log(`${accountId}: nobody whom this company may see`);
    return;
  }
  console.log(`${accountId}: ${found.fullName}, ${found.birthDate}`);
  // Null alone does not say whether there is no value or whether it is withheld.
  for (const { field, state, reason } of found.access) {
    console.log(`${accountId}: ${field} ${state}${reason ? `, ${reason}` : ""}`);
  }
}

type Member = MembersQuery["members"]["nodes"][number];

/** Every member whom this company may see and the filter leaves, a page at a time. */
async function* members(filter: MemberFilter): AsyncGenerator<Member> {
  let page: MembersQuery["members"] | undefined;
  do {
    const variables = { filter, first: 2, after: page?.pageInfo.endCursor ?? null };
    const { data, privacy } = await sekisho.ask(Members, variables, service);
    page = data.members;
    yield* page.nodes;
    for (const { field, reason, count } of privacy?.withheld ?? []) {
      console.log(`on this page: ${field} withheld ${count}×, ${reason}`);
    }
  } while (page.pageInfo.hasNextPage);
}

await customer("card-m1");
await customer("bank-m1");
// Whose prefecture is withheld is not known to live there, so the negation holds of them too.
for await (const member of members({ not: { prefecture: { eq: "北海道" } } })) {
  // A list that is null has nothing that could be open; of one that is empty, nothing is open now.
  const latest = member.orders?.nodes[0]?.amount ?? "none";
  console.log(`${member.fullName ?? "(name withheld)"}: latest order from 5000 yen up: ${latest}`);
}
try {
  await sekisho.ask(Customer, { accountId: "card-m1" }, { purpose: "own:bank:service" });
} catch (refusal) {
  if (!(refusal instanceof Refusal)) throw refusal;
  console.log(`refused: ${refusal.code}`);
}
