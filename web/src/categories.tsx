import type { ReactElement } from "react";

import { usePreference } from "./preference";
import { session } from "./session";
import { useStore } from "./store";

/** Data categories by the names that the catalogue gives them. */
export function Categories({ keys }: { readonly keys: readonly string[] }): ReactElement {
  const { language } = usePreference();
  const { caller } = useStore(session);
  return (
    <>
      {keys.map((key) => (
        <span className="category" key={key} title={key}>
          {caller?.categories.get(key)?.[language] ?? key}
        </span>
      ))}
    </>
  );
}
