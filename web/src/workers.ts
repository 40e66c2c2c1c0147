import editorWorker from "monaco-editor/esm/vs/editor/editor.worker.js?worker&url";
import jsonWorker from "monaco-editor/esm/vs/language/json/json.worker.js?worker&url";
import graphqlWorker from "monaco-graphql/esm/graphql.worker.js?worker&url";

const WORKERS: Readonly<Record<string, string>> = { json: jsonWorker, graphql: graphqlWorker };

window.MonacoEnvironment = {
  getWorker: (_id, language) =>
    new Worker(WORKERS[language] ?? editorWorker, { type: "module", name: language }),
};
