import { codeOf } from "./ask";
import type { Caller } from "./caller";
import { developmentToken, type Bearer } from "./development";
import { enter, session } from "./session";
import { createStore } from "./store";

export const GROUP_OFFICE = "*";
const FIRST_COMPANY = "card";
const FIRST_MEMBER = "m1";

/** In development: as whom to ask. */
export const bearer = createStore<Bearer>({
  role: "analyst",
  company: FIRST_COMPANY,
  on_behalf_of: null,
  member: null,
});

session.subscribe(() => {
  const { caller } = session.get();
  if (caller) {
    bearer.set(asBearer(caller));
  }
});

/** Be somebody else; whoever has a token gets the new one's at once. */
export function become(change: Partial<Bearer>): void {
  bearer.set(change);
  if (session.get().token && isWhole(bearer.get())) {
    void getToken();
  }
}

export async function getToken(): Promise<void> {
  try {
    await enter(await developmentToken(bearer.get()));
  } catch (fault) {
    session.set({ refused: codeOf(fault) });
  }
}

export function isWhole({ role, company, member }: Bearer): boolean {
  return Boolean(role === "member" ? member : company);
}

/** A token that was pasted says who asks, too. */
function asBearer({ role, subject, company, onBehalfOf }: Caller): Bearer {
  return {
    role: lower(role),
    company: company?.key ?? (role === "OFFICER" ? GROUP_OFFICE : null),
    on_behalf_of: onBehalfOf?.key ?? null,
    member: role === "MEMBER" ? subject : null,
  };
}

function lower<Text extends string>(text: Text): Lowercase<Text> {
  return text.toLowerCase() as Lowercase<Text>;
}

/** What of a choice another role can keep. */
export function inRole(role: Bearer["role"], { company, on_behalf_of }: Bearer): Bearer {
  switch (role) {
    case "member":
      return { role, company: null, on_behalf_of: null, member: FIRST_MEMBER };
    case "officer":
      return { role, company: GROUP_OFFICE, on_behalf_of: null, member: null };
    default: {
      const kept = company && company !== GROUP_OFFICE ? company : FIRST_COMPANY;
      return { role, company: kept, on_behalf_of, member: null };
    }
  }
}
