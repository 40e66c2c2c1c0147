import { explorerPlugin } from "@graphiql/plugin-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import type { GraphiQLPlugin } from "@graphiql/react";
import { GraphiQL } from "graphiql";
import type { ReactElement } from "react";

import { Access } from "./access";
import { Bar } from "./bar";
import { Examples } from "./examples";
import { fetcher } from "./fetcher";
import { AccessIcon, ExamplesIcon, LensIcon } from "./icons";
import { Lens } from "./lens";
import { Marks } from "./marks";
import { usePreference } from "./preference";
import { useSchema } from "./schema";
import { storage } from "./storage";
import { Typeface } from "./typeface";
import { WORDS, type Language } from "./words";

const EXPLORER = explorerPlugin();
const PLUGINS: Readonly<Record<Language, GraphiQLPlugin[]>> = {
  ja: pluginsIn("ja"),
  en: pluginsIn("en"),
};

const WELCOME = `# Ctrl-Enter runs the query, Ctrl-Space completes.
query Welcome {
  viewer {
    role
    subject
    purposes { key name { ja en } }
  }
}
`;

export function Workbench(): ReactElement {
  const { language, theme } = usePreference();
  const schema = useSchema();
  return (
    <>
      <Bar />
      <main>
        <GraphiQL
          fetcher={fetcher}
          schema={schema}
          plugins={PLUGINS[language]}
          visiblePlugin={WORDS[language].lens}
          storage={storage}
          defaultQuery={WELCOME}
          defaultEditorToolsVisibility="variables"
          forcedTheme={theme}
          shouldPersistHeaders={false}
          showPersistHeadersSettings={false}
        >
          <GraphiQL.Logo>{null}</GraphiQL.Logo>
          <Marks />
          <Typeface />
        </GraphiQL>
      </main>
    </>
  );
}

/** GraphiQL tells plugins apart by object: they are made once. */
function pluginsIn(language: Language): GraphiQLPlugin[] {
  const words = WORDS[language];
  return [
    { title: words.lens, icon: LensIcon, content: Lens },
    { title: words.access, icon: AccessIcon, content: Access },
    { title: words.examples, icon: ExamplesIcon, content: Examples },
    EXPLORER,
    HISTORY_PLUGIN,
  ];
}
