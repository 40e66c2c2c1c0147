import { buildSchema, type GraphQLSchema } from "graphql";
import { useEffect, useState } from "react";

import { SCHEMA } from "./address";

/** The schema as the server publishes it: documentation and completion need no token. */
export function useSchema(): GraphQLSchema | null {
  const [schema, setSchema] = useState<GraphQLSchema | null>(null);
  useEffect(() => {
    const controller = new AbortController();
    fetch(SCHEMA, { signal: controller.signal })
      .then((response) => response.text())
      .then((text) => setSchema(buildSchema(text)))
      .catch((fault: unknown) => {
        if (!controller.signal.aborted) {
          throw fault;
        }
      });
    return () => controller.abort();
  }, []);
  return schema;
}
