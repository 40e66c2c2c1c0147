import { useGraphiQL } from "@graphiql/react";
import { useEffect } from "react";

const FAMILY =
  'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Noto Sans Mono CJK JP", monospace';

/** The editors in a typeface of the machine: nothing is fetched, and Japanese is legible. */
export function Typeface(): null {
  const query = useGraphiQL(({ queryEditor }) => queryEditor);
  const variables = useGraphiQL(({ variableEditor }) => variableEditor);
  const headers = useGraphiQL(({ headerEditor }) => headerEditor);
  const response = useGraphiQL(({ responseEditor }) => responseEditor);
  useEffect(() => {
    for (const editor of [query, variables, headers, response]) {
      editor?.updateOptions({ fontFamily: FAMILY, fontSize: 14 });
    }
  }, [query, variables, headers, response]);
  return null;
}
