/** Where the server's paths are, whatever stands before them. */
const root = new URL("..", document.baseURI);

export const GRAPHQL = new URL("graphql", root).href;
export const SCHEMA = new URL("schema.graphql", root).href;
export const TOKEN = new URL("workbench/token", root).href;
export const SOCKET = GRAPHQL.replace(/^http/, "ws");

/** Whether the server makes tokens itself: it says so in the page. */
export const IN_DEVELOPMENT =
  document.querySelector<HTMLMetaElement>("meta[name=sekisho-mode]")?.content === "development";
