import { useEffect, useState, type ReactElement } from "react";

import {
  developmentToken,
  offers as fetchOffers,
  ROLES,
  type Bearer,
  type Offer,
} from "./development";
import { usePreference, useWords } from "./preference";
import { enter, session } from "./session";
import type { Language, Words } from "./words";

const GROUP_OFFICE = "*";
const FIRST: Bearer = { role: "analyst", company: "card", on_behalf_of: null, member: null };
const FIRST_MEMBER = "m1";

/** In development: as whom to ask, and a token for it. */
export function BearerPicker(): ReactElement {
  const words = useWords();
  const [bearer, setBearer] = useState(FIRST);
  const offers = useOffers();
  const get = async (wanted: Bearer): Promise<void> => enter(await developmentToken(wanted));
  const choose = (change: Partial<Bearer>): void => {
    const wanted = { ...bearer, ...change };
    setBearer(wanted);
    if (session.get().token && isWhole(wanted)) {
      void get(wanted);
    }
  };
  return (
    <>
      <RolePicker role={bearer.role} choose={(role) => choose(forRole(role, bearer))} />
      {bearer.role === "member" ? (
        <label>
          <span>{words.member}</span>
          <input
            value={bearer.member ?? ""}
            size={6}
            onChange={(event) => setBearer({ ...bearer, member: event.target.value })}
            onBlur={() => choose({})}
          />
        </label>
      ) : (
        <CompanyPicker bearer={bearer} offers={offers} choose={choose} />
      )}
      <button
        type="button"
        className="primary"
        disabled={!isWhole(bearer)}
        onClick={() => void get(bearer)}
      >
        {words.getToken}
      </button>
    </>
  );
}

interface RoleProps {
  readonly role: Bearer["role"];
  readonly choose: (role: Bearer["role"]) => void;
}

function RolePicker({ role, choose }: RoleProps): ReactElement {
  const words = useWords();
  return (
    <label>
      <span>{words.role}</span>
      <select
        value={role}
        onChange={(event) => {
          const chosen = ROLES.find((each) => each === event.target.value);
          if (chosen) {
            choose(chosen);
          }
        }}
      >
        {ROLES.map((each) => (
          <option key={each} value={each}>
            {words.roles[upper(each)]}
          </option>
        ))}
      </select>
    </label>
  );
}

interface CompanyProps {
  readonly bearer: Bearer;
  readonly offers: readonly Offer[];
  readonly choose: (change: Partial<Bearer>) => void;
}

function CompanyPicker({ bearer, offers, choose }: CompanyProps): ReactElement {
  const words = useWords();
  const { language } = usePreference();
  const select = (value: string): void => {
    const [company = "", controller] = value.split(" ");
    choose({ company, on_behalf_of: controller ?? null });
  };
  return (
    <label>
      <span>{words.company}</span>
      <select value={valueOf(bearer)} onChange={(event) => select(event.target.value)}>
        {bearer.role === "officer" && <option value={GROUP_OFFICE}>{words.groupOffice}</option>}
        {offers.map((offer) => (
          <option key={valueOf(offer)} value={valueOf(offer)}>
            {nameOf(words, language, offer)}
          </option>
        ))}
      </select>
    </label>
  );
}

function useOffers(): readonly Offer[] {
  const [offers, setOffers] = useState<readonly Offer[]>([]);
  useEffect(() => {
    void fetchOffers().then(setOffers);
  }, []);
  return offers;
}

function valueOf({ company, on_behalf_of }: Pick<Bearer, "company" | "on_behalf_of">): string {
  return [company, on_behalf_of].filter(Boolean).join(" ");
}

function nameOf(words: Words, language: Language, { name, controller }: Offer): string {
  return controller ? words.onBehalfOf(name[language], controller[language]) : name[language];
}

/** What of a choice another role can keep. */
function forRole(role: Bearer["role"], { company }: Bearer): Partial<Bearer> {
  switch (role) {
    case "member":
      return { role, company: null, on_behalf_of: null, member: FIRST_MEMBER };
    case "officer":
      return { role, company: GROUP_OFFICE, on_behalf_of: null, member: null };
    default:
      return { role, company: company === GROUP_OFFICE || !company ? FIRST.company : company, member: null };
  }
}

function isWhole({ role, company, member }: Bearer): boolean {
  return Boolean(role === "member" ? member : company);
}

function upper<Text extends string>(text: Text): Uppercase<Text> {
  return text.toUpperCase() as Uppercase<Text>;
}
