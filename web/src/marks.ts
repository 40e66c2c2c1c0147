import { Range } from "@graphiql/react";
import type { editor } from "monaco-editor";
import { useEffect } from "react";

import { useWords } from "./preference";
import { endOfNull } from "./report";
import { useResult } from "./result";
import { meaningOf } from "./words";

/** More marks than anybody reads would make the editor slow. */
const AT_MOST = 500;

/** Beside each null of the result, why it is withheld. */
export function Marks(): null {
  const result = useResult();
  const words = useWords();
  useEffect(() => {
    const model = result?.editor.getModel();
    if (!result || !model) {
      return undefined;
    }
    const { report, root } = result.answer;
    const marks = report.withheld
      .flatMap(({ reason, paths }) => (paths ?? []).map((path) => ({ reason, path })))
      .slice(0, AT_MOST)
      .flatMap(({ reason, path }) => {
        const end = endOfNull(root, path);
        return end === undefined ? [] : [{ reason, line: model.getPositionAt(end).lineNumber }];
      });
    const decorations = result.editor.createDecorationsCollection(
      marks.map(({ reason, line }) => ({
        range: endOf(model, line),
        options: {
          showIfCollapsed: true,
          after: {
            content: `\u2003⊘ ${meaningOf(words, reason)}`,
            inlineClassName: reason === "NOT_PERMITTED" ? "mark mark-never" : "mark",
          },
        },
      })),
    );
    return () => decorations.clear();
  }, [result, words]);
  return null;
}

/** Behind the comma: each null stands on a line of its own. */
function endOf(model: Pick<editor.ITextModel, "getLineMaxColumn">, line: number): Range {
  const column = model.getLineMaxColumn(line);
  return new Range(line, column, line, column);
}
