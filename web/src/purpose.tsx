import type { ReactElement } from "react";

import { namesItsPurpose, type Caller, type Purpose } from "./caller";
import { usePreference, useWords } from "./preference";
import { choosePurpose, session } from "./session";
import { useStore } from "./store";

/** For what is asked: one of the purposes that the token allows. */
export function PurposePicker({ caller }: { readonly caller: Caller | null }): ReactElement {
  const words = useWords();
  const { purpose } = useStore(session);
  const [own, others] = ownAndOthers(caller?.purposes ?? []);
  const fixed = caller === null || !namesItsPurpose(caller);
  return (
    <label>
      <span>{words.purpose}</span>
      <select
        value={purpose}
        disabled={fixed}
        title={caller && fixed ? words.implied : purpose}
        onChange={(event) => choosePurpose(event.target.value)}
      >
        {own.length > 0 && <Group label={words.ownPurposes} purposes={own} />}
        {others.length > 0 && <Group label={words.otherPurposes} purposes={others} />}
      </select>
    </label>
  );
}

function ownAndOthers(purposes: readonly Purpose[]): [own: Purpose[], others: Purpose[]] {
  return [
    purposes.filter(({ owner }) => owner !== null),
    purposes.filter(({ owner }) => owner === null),
  ];
}

interface GroupProps {
  readonly label: string;
  readonly purposes: readonly Purpose[];
}

function Group({ label, purposes }: GroupProps): ReactElement {
  const { language } = usePreference();
  return (
    <optgroup label={label}>
      {purposes.map(({ key, name }) => (
        <option key={key} value={key}>
          {name[language]}
        </option>
      ))}
    </optgroup>
  );
}
