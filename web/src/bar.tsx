import type { ReactElement } from "react";

import { IN_DEVELOPMENT } from "./address";
import { BearerPicker, TokenButton } from "./pickers";
import type { Caller } from "./caller";
import { GateIcon, ThemeIcon } from "./icons";
import { preference, usePreference, useWords } from "./preference";
import { PurposePicker } from "./purpose";
import { session } from "./session";
import { useStore } from "./store";
import { TokenField, TokenState } from "./token";

/** Who asks, for what, and with which token. */
export function Bar(): ReactElement {
  const words = useWords();
  const { caller } = useStore(session);
  return (
    <header className="bar">
      <h1 title={words.tagline}>
        <GateIcon />
        {words.title}
      </h1>
      <div className="asks" role="group" aria-label={words.caller}>
        <div>
          {IN_DEVELOPMENT ? <BearerPicker /> : caller && <Speaker caller={caller} />}
          <PurposePicker caller={caller} />
        </div>
        <div>
          <TokenField />
          {IN_DEVELOPMENT && <TokenButton />}
          <TokenState />
        </div>
      </div>
      <Looks />
    </header>
  );
}

/** In production the token alone says who asks. */
function Speaker({ caller }: { readonly caller: Caller }): ReactElement {
  const words = useWords();
  const { language } = usePreference();
  const { company, onBehalfOf, role } = caller;
  const name = company?.name[language];
  return (
    <p className="speaker">
      {words.roles[role]}
      {name && ` · ${onBehalfOf ? words.onBehalfOf(name, onBehalfOf.name[language]) : name}`}
    </p>
  );
}

function Looks(): ReactElement {
  const words = useWords();
  const { language, theme } = usePreference();
  const label = theme === "light" ? words.toDark : words.toLight;
  return (
    <div className="looks">
      <button
        type="button"
        aria-label={label}
        title={label}
        onClick={() => preference.set({ theme: theme === "light" ? "dark" : "light" })}
      >
        <ThemeIcon />
      </button>
      <button
        type="button"
        lang={language === "ja" ? "en" : "ja"}
        onClick={() => preference.set({ language: language === "ja" ? "en" : "ja" })}
      >
        {words.otherLanguage}
      </button>
    </div>
  );
}
