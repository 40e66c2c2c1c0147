import { useEffect, useState, type ReactElement } from "react";

import { bearer, become, getToken, GROUP_OFFICE, inRole, isWhole } from "./bearer";
import { offers as fetchOffers, ROLES, type Bearer, type Offer } from "./development";
import { usePreference, useWords } from "./preference";
import { useStore } from "./store";
import type { Language, Words } from "./words";

/** In development: as whom to ask. */
export function BearerPicker(): ReactElement {
  const { role } = useStore(bearer);
  return (
    <>
      <RolePicker />
      {role === "member" ? <MemberField /> : <CompanyPicker />}
    </>
  );
}

/** In development: a token for whoever is chosen. */
export function TokenButton(): ReactElement {
  const words = useWords();
  const whole = isWhole(useStore(bearer));
  return (
    <button type="button" className="primary" disabled={!whole} onClick={() => void getToken()}>
      {words.getToken}
    </button>
  );
}

function RolePicker(): ReactElement {
  const words = useWords();
  const chosen = useStore(bearer);
  const choose = (name: string): void => {
    const role = ROLES.find((each) => each === name);
    if (role) {
      become(inRole(role, chosen));
    }
  };
  return (
    <label>
      <span>{words.role}</span>
      <select value={chosen.role} onChange={(event) => choose(event.target.value)}>
        {ROLES.map((role) => (
          <option key={role} value={role}>
            {words.roles[upper(role)]}
          </option>
        ))}
      </select>
    </label>
  );
}

function MemberField(): ReactElement {
  const words = useWords();
  const { member } = useStore(bearer);
  return (
    <label>
      <span>{words.member}</span>
      <input
        value={member ?? ""}
        size={6}
        onChange={(event) => bearer.set({ member: event.target.value.trim() })}
        onBlur={() => become({})}
      />
    </label>
  );
}

function CompanyPicker(): ReactElement {
  const words = useWords();
  const { language } = usePreference();
  const chosen = useStore(bearer);
  const offers = useOffers();
  const choose = (value: string): void => {
    const [company = "", controller] = value.split(" ");
    become({ company, on_behalf_of: controller ?? null });
  };
  return (
    <label>
      <span>{words.company}</span>
      <select value={valueOf(chosen)} onChange={(event) => choose(event.target.value)}>
        {chosen.role === "officer" && <option value={GROUP_OFFICE}>{words.groupOffice}</option>}
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

function upper<Text extends string>(text: Text): Uppercase<Text> {
  return text.toUpperCase() as Uppercase<Text>;
}
