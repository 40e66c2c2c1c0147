import { useGraphiQL } from "@graphiql/react";
import type { MonacoEditor } from "@graphiql/react";
import { useCallback, useMemo, useSyncExternalStore } from "react";

import { answerIn, endOfNull, type Answer, type Path } from "./report";

/** The result of the tab in front, as its editor shows it. */
export interface Result {
  readonly editor: MonacoEditor;
  readonly answer: Answer;
}

export function useResult(): Result | null {
  const editor = useGraphiQL(({ responseEditor }) => responseEditor);
  const model = editor?.getModel();
  const subscribe = useCallback(
    (listener: () => void) => {
      const subscription = model?.onDidChangeContent(listener);
      return () => subscription?.dispose();
    },
    [model],
  );
  const version = useSyncExternalStore(subscribe, () => model?.getVersionId() ?? 0);
  return useMemo(() => {
    const answer = version && model && !model.isDisposed() ? answerIn(model.getValue()) : null;
    return editor && answer ? { editor, answer } : null;
  }, [editor, model, version]);
}

/** Show the null at this path, and put the cursor there. */
export function show({ editor, answer }: Result, path: Path): void {
  const end = endOfNull(answer.root, path);
  const position = end === undefined ? null : editor.getModel()?.getPositionAt(end);
  if (position) {
    editor.setPosition(position);
    editor.revealPositionInCenter(position);
    editor.focus();
  }
}
