import type { ReactElement } from "react";

import { namesItsPurpose, type Caller, type Purpose } from "./caller";
import { usePreference, useWords } from "./preference";
import { choosePurpose, session } from "./session";
import { useStore } from "./store";

/** For what is asked: one of the purposes that the token allows. */
export function PurposePicker({ caller }: { readonly caller: Caller }): ReactElement {
  const words = useWords();
  const { purpose } = useStore(session);
  const own = caller.purposes.filter(({ owner }) => owner !== null);
  const others = caller.purposes.filter(({ owner }) => owner === null);
  const fixed = !namesItsPurpose(caller);
  return (
    <label>
      <span>{words.purpose}</span>
      <select
        value={purpose}
        disabled={fixed}
        title={fixed ? words.implied : purpose}
        onChange={(event) => choosePurpose(event.target.value)}
      >
        {own.length > 0 && <Group label={words.ownPurposes} purposes={own} />}
        {others.length > 0 && <Group label={words.otherPurposes} purposes={others} />}
      </select>
    </label>
  );
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
