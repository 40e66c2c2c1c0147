import type { CodegenConfig } from "@graphql-codegen/cli";

// As strict as it gets: a scalar without a type of its own, or a name that two things would share,
// ends the run; nothing is optional that the SDL does not leave out.
const config: CodegenConfig = {
  schema: "../../schema/schema.graphql",
  documents: ["build/operations.graphql"],
  generates: {
    "build/types.ts": {
      plugins: ["typescript", "typescript-operations"],
      config: {
        strictScalars: true,
        scalars: {
          ID: "string",
          Date: "string",
          DateTime: "string",
          EmailAddress: "string",
          GeoPoint: "string",
          JsonLd: "Record<string, unknown>",
        },
        enumsAsConst: true,
        avoidOptionals: { field: true, object: true, query: true, inputValue: false },
        nonOptionalTypename: true,
        immutableTypes: true,
        useTypeImports: true,
      },
    },
  },
};

export default config;
