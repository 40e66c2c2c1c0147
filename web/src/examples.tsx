import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import type { ReactElement } from "react";

import { examplesFor, type Example } from "./example";
import { usePreference, useWords } from "./preference";
import { choosePurpose, session } from "./session";
import { useStore } from "./store";

/** Queries to begin with, for whoever the token speaks for. */
export function Examples(): ReactElement {
  const words = useWords();
  const { language } = usePreference();
  const { caller } = useStore(session);
  const open = useOpen();
  return (
    <section className="panel" aria-label={words.examples}>
      <h2>{words.examples}</h2>
      <p className="hint">{caller ? words.examplesIntro : words.examplesEmpty}</p>
      <ul className="examples">
        {caller &&
          examplesFor(caller).map((example) => {
            const title = example.title[language];
            return (
              <li key={example.query}>
                <button
                  type="button"
                  title={words.open(title)}
                  disabled={open === null}
                  onClick={() => open?.(example)}
                >
                  {title}
                </button>
              </li>
            );
          })}
      </ul>
    </section>
  );
}

/** Opens an example in a tab of its own; nothing can be opened while the editor is loading. */
function useOpen(): ((example: Example) => void) | null {
  const { addTab } = useGraphiQLActions();
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  if (!queryEditor || !variableEditor) {
    return null;
  }
  return ({ query, variables, purpose }) => {
    addTab();
    queryEditor.setValue(query);
    variableEditor.setValue(variables ? JSON.stringify(variables, null, 2) : "");
    if (purpose && session.get().caller?.purposes.some(({ key }) => key === purpose)) {
      choosePurpose(purpose);
    }
  };
}
